// SPDX-License-Identifier: MIT

/// The format of log lines.
enum LogFormat: String, Sendable, CaseIterable {
    /// Text for people: message and `key=value`.
    case text
    /// One JSON object a line, for programs that collect logs.
    case json
}
