// SPDX-License-Identifier: MIT
import LibEvent
import System

/// Slows down a client that tries key after key, then refuses it. Pure: the caller passes the time.
///
/// Failures are counted per IPv4 address or IPv6 /64. Many people may share an address, so a credential that was good
/// there is not refused: a client cannot lock out its neighbours. All tables are bounded.
struct FailureLimiter: Sendable {
    /// The configured limits.
    struct Rules: Sendable, Equatable {
        /// The number of wrong credentials from which on unknown ones are no longer checked.
        let maxFailures: Int
        /// The time after the latest failure for which failures count.
        let memory: Duration
    }

    private struct Failures {
        var count: Int
        var last: Instant
    }

    private struct Good: Hashable {
        let address: PeerAddress.Key
        let credential: CredentialDigest
    }

    /// The most addresses with failures that are kept. If more addresses attack, the forgotten ones start again at
    /// zero.
    static let maxAddresses = 8192
    /// The most pairs of address and good credential that are kept. Only a client with a good credential adds one.
    static let maxGood = 16_384
    /// The least time between two updates of a good credential's entry.
    private static let noteInterval = Duration.seconds(60)
    private static let freeFailures = 2
    private static let firstDelay = Duration.milliseconds(250)
    private static let maxDelay = Duration.seconds(4)

    private var failures: [PeerAddress.Key: Failures] = [:]
    private var good: [Good: Instant] = [:]

    /// The number of entries kept.
    var count: Int { failures.count + good.count }

    /// Returns the time until `credential` from `address` is checked again; nil if it is checked now.
    func wait(of credential: CredentialDigest, from address: PeerAddress.Key, now: Instant, _ rules: Rules) -> Duration?
    {
        guard let failures = failures[address], failures.count >= rules.maxFailures else { return nil }
        let left = rules.memory - (now - failures.last)
        guard left > .zero, good[Good(address: address, credential: credential)] == nil else { return nil }
        return left
    }

    /// Records a wrong credential and returns the time for which its refusal is held back.
    mutating func failed(
        _ credential: CredentialDigest, from address: PeerAddress.Key, now: Instant, _ rules: Rules
    ) -> Duration {
        good[Good(address: address, credential: credential)] = nil
        var entry = failures[address] ?? Failures(count: 0, last: now)
        if now - entry.last >= rules.memory { entry.count = 0 }
        entry.count = min(entry.count, Int.max - 1) + 1
        entry.last = now
        if failures[address] == nil, failures.count >= Self.maxAddresses {
            failures = Self.newerHalf(of: failures) { $0.last }
        }
        failures[address] = entry
        let doublings = entry.count - Self.freeFailures - 1
        guard doublings >= 0 else { return .zero }
        // The exponent is bounded before the shift; four doublings reach `maxDelay`.
        return min(Self.maxDelay, Self.firstDelay * (1 << min(doublings, 8)))
    }

    /// Records a good credential.
    mutating func succeeded(_ credential: CredentialDigest, from address: PeerAddress.Key, now: Instant) {
        let key = Good(address: address, credential: credential)
        if let noted = good[key], now - noted < Self.noteInterval { return }
        if good[key] == nil, good.count >= Self.maxGood { good = Self.newerHalf(of: good) { $0 } }
        good[key] = now
    }

    /// Returns the newer half of the entries. Dropping half at once saves a full table a search on each insertion.
    private static func newerHalf<Key, Value>(of table: [Key: Value], _ time: (Value) -> Instant) -> [Key: Value] {
        let sorted = table.sorted { time($0.value) > time($1.value) }
        return Dictionary(uniqueKeysWithValues: sorted.prefix(table.count / 2).map { ($0.key, $0.value) })
    }
}
