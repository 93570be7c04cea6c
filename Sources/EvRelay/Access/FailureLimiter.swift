// SPDX-License-Identifier: MIT
import LibEvent

/// Slows down whoever tries key after key, and then refuses it. Pure: it takes the time.
///
/// Counted is per IPv4 address or IPv6 /64. Behind one address there may be many people, so a credential that was good
/// there is never refused: nobody can lock out his neighbours. Nothing that is kept grows without bound.
struct FailureLimiter: Sendable {
    /// What is configured.
    struct Rules: Sendable, Equatable {
        /// From so many wrong credentials on nothing unknown is looked at.
        let maxFailures: Int
        /// For how long since the last one.
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

    /// Addresses with failures. A network of attackers that has more is not slowed any further by those forgotten.
    static let maxAddresses = 8192
    /// Credentials known to be good somewhere. Only who has a good one adds to them.
    static let maxGood = 16_384
    /// A credential's time is not noted anew more often than this.
    private static let noteInterval = Duration.seconds(60)
    private static let freeFailures = 2
    private static let firstDelay = Duration.milliseconds(250)
    private static let maxDelay = Duration.seconds(4)

    private var failures: [PeerAddress.Key: Failures] = [:]
    private var good: [Good: Instant] = [:]

    /// How much is kept.
    var count: Int { failures.count + good.count }

    /// How long `address` has to wait until `credential` is looked at; nil if it is looked at now.
    func wait(of credential: CredentialDigest, from address: PeerAddress.Key, now: Instant, _ rules: Rules) -> Duration?
    {
        guard let failures = failures[address], failures.count >= rules.maxFailures else { return nil }
        let left = rules.memory - (now - failures.last)
        guard left > .zero, good[Good(address: address, credential: credential)] == nil else { return nil }
        return left
    }

    /// Notes a wrong credential; answers how long its refusal is to be held back.
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
        // The shift is bounded before it is made; four doublings are the most.
        return min(Self.maxDelay, Self.firstDelay * (1 << min(doublings, 8)))
    }

    /// Notes a good credential.
    mutating func succeeded(_ credential: CredentialDigest, from address: PeerAddress.Key, now: Instant) {
        let key = Good(address: address, credential: credential)
        if let noted = good[key], now - noted < Self.noteInterval { return }
        if good[key] == nil, good.count >= Self.maxGood { good = Self.newerHalf(of: good) { $0 } }
        good[key] = now
    }

    /// What was noted last: half of it goes at once, so that a full table does not cost a search each time.
    private static func newerHalf<Key, Value>(of table: [Key: Value], _ time: (Value) -> Instant) -> [Key: Value] {
        let sorted = table.sorted { time($0.value) > time($1.value) }
        return Dictionary(uniqueKeysWithValues: sorted.prefix(table.count / 2).map { ($0.key, $0.value) })
    }
}
