// SPDX-License-Identifier: MIT
import LibEvent
import Logging
import System
import WireFormat

/// A log handler that writes each event as one line to standard error, or as one entry to the journal. Any thread may
/// log, and none waits: the journal's datagram is sent without waiting, and lines go through a `LineWriter`. An entry
/// that the journal does not accept because it is busy becomes a line, which it reads when it can.
struct JournalLog: LogHandler {
    /// This copy's own level if one was set, otherwise the shared threshold.
    var logLevel: Logger.Level {
        get { ownLevel ?? threshold.level.loggerLevel }
        set { ownLevel = newValue }
    }
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    private let threshold: LogThreshold
    private var ownLevel: Logger.Level?
    private let form: LogLine.Form
    private let send: (@Sendable ([UInt8]) -> Bool)?
    private let write: @Sendable ([UInt8]) -> Void
    private let nowMicroseconds: @Sendable () -> Int64

    /// - Parameters:
    ///   - threshold: the least serious level that is logged, shared by all copies.
    ///   - form: the form of the lines, decided once for the process at its start.
    ///   - send: sends an entry to the journal. Returns false if it cannot; the event then becomes a line.
    ///   - write: writes a line; must not wait.
    ///   - nowMicroseconds: returns the time in microseconds since 1970.
    init(
        threshold: LogThreshold, form: LogLine.Form, send: (@Sendable ([UInt8]) -> Bool)? = nil,
        write: @escaping @Sendable ([UInt8]) -> Void,
        nowMicroseconds: @escaping @Sendable () -> Int64 = { SystemClock.nowMicroseconds() }
    ) {
        self.threshold = threshold
        self.form = form
        self.send = send
        self.write = write
        self.nowMicroseconds = nowMicroseconds
    }

    /// Writes the event. Later values win: the provider's over the handler's, the event's over both.
    func log(event: LogEvent) {
        var values = metadata
        if let provided = metadataProvider?.get() { values.merge(provided) { $1 } }
        if let own = event.metadata { values.merge(own) { $1 } }
        if let error = event.error { values["error"] = "\(error)" }
        let line = LogLine(level: event.level, message: event.message.description, metadata: values)
        if let send, send(line.journalEntry.bytes) { return }
        write(line.bytes(form, time: HTTPDate.iso8601Milliseconds(microseconds: nowMicroseconds())))
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
}
