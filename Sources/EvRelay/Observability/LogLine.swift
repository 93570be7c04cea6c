// SPDX-License-Identifier: MIT
import Logging

/// One event as one line of text. Pure: the same values make the same bytes.
struct LogLine: Equatable {
    /// How the lines are read.
    enum Form: Sendable, Equatable {
        /// A terminal, a file or a container's log: time, level, message, `key=value`.
        case text
        /// The journal: the level as `<N>` (sd-daemon(3)); the journal notes the time itself.
        case journal
    }

    /// How serious it is.
    let level: Logger.Level
    /// What happened: a constant text.
    let message: String
    /// The values of this event.
    let metadata: Logger.Metadata

    /// Of a longer value the rest is left out: a log line must not become as large as a request's head.
    static let maxValueScalars = 512

    /// The line with its line feed. `time` is written in the text form alone.
    func bytes(_ form: Form, time: @autoclosure () -> String) -> [UInt8] {
        var line = ""
        switch form {
        case .text: line += "\(time()) \(level.rawValue) "
        case .journal: line += "<\(level.journalPriority)>"
        }
        line += PrintableText.escaped(message)
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            line += " \(Self.key(key))=\(PrintableText.logValue(Self.text(value), maxScalars: Self.maxValueScalars))"
        }
        line += "\n"
        return Array(line.utf8)
    }

    /// A key never holds what would end it.
    private static func key(_ key: String) -> String {
        String(key.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "_" })
    }

    /// Nested values in brackets, dictionaries sorted as the line itself.
    private static func text(_ value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): text
        case .stringConvertible(let value): value.description
        case .array(let values): "[" + values.map(text).joined(separator: ", ") + "]"
        case .dictionary(let values):
            "{" + values.sorted { $0.key < $1.key }.map { "\($0.key): \(text($0.value))" }.joined(separator: ", ") + "}"
        }
    }
}

extension Logger.Level {
    /// The priority of syslog(3), which the journal understands.
    var journalPriority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}

extension LogLevel {
    /// The level as the log library calls it.
    var loggerLevel: Logger.Level {
        switch self {
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        }
    }
}
