// SPDX-License-Identifier: MIT
import Logging
import Synchronization

/// A log that tests can read; nothing is printed.
struct CapturedLog: LogHandler {
    var logLevel = Logger.Level.debug
    var metadata: Logger.Metadata = [:]

    private let lines: Lines

    /// The lines: the message, then `key=value` in the order of the keys.
    final class Lines: Sendable {
        private let lines = Mutex<[(level: Logger.Level, text: String)]>([])

        var all: [String] { lines.withLock { $0.map(\.text) } }

        /// The lines that are logged at the default level.
        var ordinary: [String] { lines.withLock { $0.filter { $0.level >= .info }.map(\.text) } }

        /// Returns true if a line begins with `message` and has all of `values`.
        func has(_ message: String, _ values: String...) -> Bool { count(message, values) > 0 }

        /// Returns the number of lines that begin with `message` and have all of `values`.
        func count(_ message: String, _ values: [String] = []) -> Int {
            all.count { line in line.hasPrefix(message) && values.allSatisfy { line.contains(" \($0)") } }
        }

        fileprivate func append(_ line: String, at level: Logger.Level) {
            lines.withLock { $0.append((level, line)) }
        }
    }

    init(into lines: Lines) {
        self.lines = lines
    }

    func log(event: LogEvent) {
        let values = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        lines.append(values.reduce("\(event.message)") { $0 + " \($1.key)=\($1.value)" }, at: event.level)
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
}
