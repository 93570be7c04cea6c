// SPDX-License-Identifier: MIT
import Logging
import Synchronization

/// A log that tests can look into; nothing is printed.
struct CapturedLog: LogHandler {
    var logLevel = Logger.Level.debug
    var metadata: Logger.Metadata = [:]

    private let lines: Lines

    /// Every line: the message, then `key=value` in the order of the keys.
    final class Lines: Sendable {
        private let lines = Mutex<[String]>([])

        var all: [String] { lines.withLock { $0 } }

        /// True if a line begins with `message` and has all of `values`.
        func has(_ message: String, _ values: String...) -> Bool { count(message, values) > 0 }

        /// How many lines begin with `message` and have all of `values`.
        func count(_ message: String, _ values: [String] = []) -> Int {
            all.count { line in line.hasPrefix(message) && values.allSatisfy { line.contains(" \($0)") } }
        }

        fileprivate func append(_ line: String) { lines.withLock { $0.append(line) } }
    }

    init(into lines: Lines) {
        self.lines = lines
    }

    func log(event: LogEvent) {
        let values = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        lines.append(values.reduce("\(event.message)") { $0 + " \($1.key)=\($1.value)" })
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
}
