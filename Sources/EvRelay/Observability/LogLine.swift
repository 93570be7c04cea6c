// SPDX-License-Identifier: MIT
import LibEvent
import Logging
import WireFormat

/// One event in the forms a log can have. Pure: the same values make the same bytes.
struct LogLine: Equatable {
    /// How the lines are read.
    struct Form: Sendable, Equatable {
        /// Words or objects.
        let format: LogFormat
        /// Whether the journal reads standard error: it then wants the level as `<N>` (sd-daemon(3)) before the line,
        /// and notes the time itself.
        let isJournal: Bool

        init(_ format: LogFormat, isJournal: Bool) {
            self.format = format
            self.isJournal = isJournal
        }

        /// The line that tells how many lines nobody has taken.
        @Sendable func linesLost(_ count: Int) -> [UInt8] {
            LogLine(level: .warning, message: "lines lost", metadata: ["lines": .stringConvertible(count)])
                .bytes(self, time: HTTPDate.iso8601Milliseconds(microseconds: SystemClock.nowMicroseconds()))
        }
    }

    /// How serious it is.
    let level: Logger.Level
    /// What happened: a constant text.
    let message: String
    /// The values of this event.
    let metadata: Logger.Metadata

    /// Of a longer value the rest is left out: a log line must not become as large as a request's head.
    static let maxValueScalars = 512

    /// The line with its line feed, at most `LineWriter.maxLineBytes`. `time` is not written in the text form for the
    /// journal.
    ///
    /// Of a line that is longer the values are shortened, so that JSON stays JSON; a text line of very many values is
    /// cut at a character's boundary.
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
            // Not within a character of several bytes (0x80...0xBF go on).
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

    /// The entry for the journal's own protocol: the line for people, and every value in a field of its own.
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

    /// Message and `key=value`.
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
                // A value that is named as one of the three above gets out of the way.
                value.write(
                    to: &json, key: ["time", "level", "message"].contains(key) ? key + "_" : key, maxScalars: maxScalars
                )
            }
        }
        return PrintableText.unicodeEscaped(String(decoding: bytes, as: UTF8.self))
    }

    private var sorted: [(key: String, value: Logger.MetadataValue)] { metadata.sorted { $0.key < $1.key } }

    /// A key never holds what would end it.
    private static func key(_ key: String) -> String {
        String(key.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "_" })
    }
}

extension Logger.MetadataValue {
    /// Nested values in brackets, dictionaries sorted as the line itself.
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

    /// Numbers and truth values stay what they are; everything else is a string.
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
