// SPDX-License-Identifier: MIT
import LibEvent
import Logging
import System
import WireFormat

/// One event, written in any of the log's forms. Pure: equal values give equal bytes.
struct LogLine: Equatable {
    /// The form of the lines.
    struct Form: Sendable, Equatable {
        /// Text or JSON.
        let format: LogFormat
        /// True if the journal reads standard error. It then expects the level as `<N>` (sd-daemon(3)) before the line,
        /// and records the time itself.
        let isJournal: Bool

        init(_ format: LogFormat, isJournal: Bool) {
            self.format = format
            self.isJournal = isJournal
        }

        /// Returns the line that reports `count` lines lost because nobody read them.
        @Sendable func linesLost(_ count: Int) -> [UInt8] {
            LogLine(level: .warning, message: "lines lost", metadata: ["lines": .stringConvertible(count)])
                .bytes(self, time: HTTPDate.iso8601Milliseconds(microseconds: SystemClock.nowMicroseconds()))
        }
    }

    /// The level of the event.
    let level: Logger.Level
    /// The message, a constant text.
    let message: String
    /// The values of this event.
    let metadata: Logger.Metadata

    /// The most scalars of a value; the rest is cut. A log line must not become as large as a request's head.
    static let maxValueScalars = 512

    /// Returns the line with its line feed, at most `LineWriter.maxLineBytes` bytes. `time` is not written in the text
    /// form for the journal.
    ///
    /// The values of a longer line are shortened, so that JSON stays valid. A line with so many values that this is not
    /// enough is cut at a character boundary.
    func bytes(_ form: Form, time: @autoclosure () -> String) -> [UInt8] {
        let time = form.isJournal && form.format == .text ? "" : time()
        var maxScalars = Self.maxValueScalars
        var line = text(form, time: time, maxScalars: maxScalars)
        while line.utf8.count >= LineWriter.maxLineBytes, maxScalars > 1 {
            maxScalars /= 4
            line = text(form, time: time, maxScalars: max(1, maxScalars))
        }
        var bytes = Array(line.utf8)
        if bytes.count >= LineWriter.maxLineBytes {
            var end = LineWriter.maxLineBytes - 1
            // Not inside a character of several bytes (0x80...0xBF continue one).
            while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
            bytes.removeSubrange(end...)
        }
        return bytes + [UInt8(ascii: "\n")]
    }

    private func text(_ form: Form, time: String, maxScalars: Int) -> String {
        let priority = form.isJournal ? "<\(level.journalPriority)>" : ""
        return switch form.format {
        case .json: priority + json(time: time, maxScalars: maxScalars)
        case .text: (form.isJournal ? priority : "\(time) \(level.rawValue) ") + text(maxScalars: maxScalars)
        }
    }

    /// The entry in the journal's own protocol: the text line as the message, and each value in a field of its own.
    var journalEntry: JournalEntry {
        var entry = JournalEntry()
        entry.append("MESSAGE", text(maxScalars: Self.maxValueScalars))
        entry.append("PRIORITY", "\(level.journalPriority)")
        entry.append("SYSLOG_IDENTIFIER", "evrelay")
        entry.append("EVRELAY_EVENT", PrintableText.escaped(message))
        for (key, value) in sorted {
            let text = PrintableText.cut(value.logText, maxScalars: Self.maxValueScalars)
            entry.append("EVRELAY_\(key)", PrintableText.escaped(text))
        }
        return entry
    }

    /// Returns the message and its values as `key=value`.
    private func text(maxScalars: Int) -> String {
        sorted.reduce(into: PrintableText.escaped(message)) { line, item in
            let value = PrintableText.logValue(item.value.logText, maxScalars: maxScalars)
            line += " \(Self.key(item.key))=\(value)"
        }
    }

    private func json(time: String, maxScalars: Int) -> String {
        let bytes = JSONText.object { json in
            json.member("time", time)
            json.member("level", level.rawValue)
            json.member("message", message)
            for (key, value) in sorted {
                let key = Self.key(key)
                // A value named like one of these three members gets a `_` after its name.
                value.write(
                    to: &json, key: ["time", "level", "message"].contains(key) ? key + "_" : key, maxScalars: maxScalars
                )
            }
        }
        return PrintableText.unicodeEscaped(String(decoding: bytes, as: UTF8.self))
    }

    private var sorted: [(key: String, value: Logger.MetadataValue)] { metadata.sorted { $0.key < $1.key } }

    /// Returns a key that cannot end early: every character but ASCII letters, digits, `.`, `_` and `-` becomes `_`.
    private static func key(_ key: String) -> String {
        String(key.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "_" })
    }
}

extension Logger.MetadataValue {
    /// The value as text: nested values in brackets, dictionaries sorted by key as the line itself.
    fileprivate var logText: String {
        switch self {
        case .string(let text): text
        case .stringConvertible(let value): value.description
        case .array(let values): "[" + values.map(\.logText).joined(separator: ", ") + "]"
        case .dictionary(let values):
            "{" + values.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.logText)" }.joined(separator: ", ")
                + "}"
        }
    }

    /// Writes the value as a JSON member: numbers and Booleans as they are, everything else as a string.
    fileprivate func write(to json: inout JSONText, key: String, maxScalars: Int) {
        if case .stringConvertible(let value) = self {
            if let value = value as? Bool { return json.member(key, value) }
            if let value = value as? any BinaryInteger, let number = Int64(exactly: value) {
                return json.member(key, number)
            }
            if let value = value as? any BinaryFloatingPoint { return json.member(key, Double(value), decimals: 6) }
        }
        json.member(key, PrintableText.cut(logText, maxScalars: maxScalars))
    }
}

extension Logger.Level {
    /// The priority of syslog(3), as the journal expects it.
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
    /// The same level of the log library.
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
