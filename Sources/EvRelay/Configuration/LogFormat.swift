// SPDX-License-Identifier: MIT

/// How a log line is written.
enum LogFormat: String, Sendable, CaseIterable {
    /// Words for people: message and `key=value`.
    case text
    /// One object a line, for programs that collect logs.
    case json
}
