// SPDX-License-Identifier: MIT
import LibEvent
import Synchronization

/// What all loops know together of wrong credentials.
///
/// Sendable: any loop may ask and note at any time; the lock is held for a look-up. Outlives a reload.
final class FailureGuard: Sendable {
    private let limiter = Mutex(FailureLimiter())

    /// How long `client` has to wait until `credential` is looked at; nil if it is looked at now. Unix sockets are exempt.
    func wait(
        of credential: CredentialDigest, from client: PeerAddress, now: Instant, _ rules: FailureLimiter.Rules
    ) -> Duration? {
        guard let address = client.key else { return nil }
        return limiter.withLock { $0.wait(of: credential, from: address, now: now, rules) }
    }

    /// Notes a wrong credential; answers how long its refusal is to be held back.
    func failed(
        _ credential: CredentialDigest, from client: PeerAddress, now: Instant, _ rules: FailureLimiter.Rules
    ) -> Duration {
        guard let address = client.key else { return .zero }
        return limiter.withLock { $0.failed(credential, from: address, now: now, rules) }
    }

    /// Notes a good credential.
    func succeeded(_ credential: CredentialDigest, from client: PeerAddress, now: Instant) {
        guard let address = client.key else { return }
        limiter.withLock { $0.succeeded(credential, from: address, now: now) }
    }
}
