// SPDX-License-Identifier: MIT
import Logging
import Synchronization
import WireFormat

@testable import EvRelay

/// The logged lines, as the journal gets them on standard error: `<6>message key=value`, without a time.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    /// Returns a logger of this level and above.
    func logger(_ level: LogLevel) -> Logger {
        let handler = JournalLog(
            threshold: LogThreshold(level), form: .init(.text, isJournal: true),
            write: { [self] bytes in
                lines.withLock { $0.append(String(decoding: bytes.dropLast(), as: UTF8.self)) }
            })
        return Logger(label: "evrelay") { _ in handler }
    }
}
