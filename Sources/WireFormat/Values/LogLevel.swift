// SPDX-License-Identifier: MIT

/// The least serious level that is logged.
public enum LogLevel: String, Sendable, CaseIterable {
    case debug, info, notice, warning, error
}

/// The format of log lines.
public enum LogFormat: String, Sendable, CaseIterable {
    /// Text for people: message and `key=value`.
    case text
    /// One JSON object a line, for programs that collect logs.
    case json
}
