// SPDX-License-Identifier: MIT
import LibEvent
import Logging
import WireFormat

/// Writes each event as one line to standard error, in one write. Any thread may log: the handler is a value, and the
/// kernel keeps one write to a pipe, socket or terminal together.
struct JournalLog: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    private let form: LogLine.Form
    private let write: @Sendable ([UInt8]) -> Void
    private let nowMicroseconds: @Sendable () -> Int64

    /// A handler for `form`, which the start decides once for the process. Tests replace the writing and the clock
    /// (microseconds since 1970).
    init(
        level: LogLevel, form: LogLine.Form,
        write: @escaping @Sendable ([UInt8]) -> Void = { StandardError.write($0) },
        nowMicroseconds: @escaping @Sendable () -> Int64 = { SystemClock.nowMicroseconds() }
    ) {
        logLevel = level.loggerLevel
        self.form = form
        self.write = write
        self.nowMicroseconds = nowMicroseconds
    }

    /// Later values win: the provider's over the handler's, the event's over both.
    func log(event: LogEvent) {
        var values = metadata
        if let provided = metadataProvider?.get() { values.merge(provided) { $1 } }
        if let own = event.metadata { values.merge(own) { $1 } }
        if let error = event.error { values["error"] = "\(error)" }
        let line = LogLine(level: event.level, message: event.message.description, metadata: values)
        write(line.bytes(form, time: HTTPDate.iso8601Milliseconds(microseconds: nowMicroseconds())))
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
}
