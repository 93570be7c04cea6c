// SPDX-License-Identifier: MIT
import Logging
import Synchronization
import WireFormat

/// The least serious level that is logged. All copies of the process's logger share it, so that a reload changes it for
/// all of them.
///
/// Sendable: any thread may read and change it at any time.
final class LogThreshold: Sendable {
    private let index: Atomic<Int>

    init(_ level: LogLevel) {
        index = Atomic(Self.index(level))
    }

    /// The level in force.
    var level: LogLevel {
        let index = index.load(ordering: .relaxed)
        return LogLevel.allCases.indices.contains(index) ? LogLevel.allCases[index] : .info
    }

    /// Changes the level for all copies of the logger.
    func set(_ level: LogLevel) { index.store(Self.index(level), ordering: .relaxed) }

    private static func index(_ level: LogLevel) -> Int { LogLevel.allCases.firstIndex(of: level) ?? 0 }
}
