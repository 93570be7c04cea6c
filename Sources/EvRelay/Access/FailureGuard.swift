// SPDX-License-Identifier: MIT
import LibEvent
import Synchronization
import System

/// The record of wrong credentials that all loops share.
///
/// Sendable: any loop may call it at any time; the lock is held for one look-up. Outlives a reload.
final class FailureGuard: Sendable {
    private let limiter = Mutex(FailureLimiter())

    /// Returns the time until `credential` from `client` is checked again; nil if it is checked now. Unix sockets are
    /// exempt.
    func wait(
        of credential: CredentialDigest, from client: PeerAddress, now: Instant, _ rules: FailureLimiter.Rules
    ) -> Duration? {
        guard let address = client.key else { return nil }
        return limiter.withLock { $0.wait(of: credential, from: address, now: now, rules) }
    }

    /// Records a wrong credential and returns the time for which its refusal is held back.
    func failed(
        _ credential: CredentialDigest, from client: PeerAddress, now: Instant, _ rules: FailureLimiter.Rules
    ) -> Duration {
        guard let address = client.key else { return .zero }
        return limiter.withLock { $0.failed(credential, from: address, now: now, rules) }
    }

    /// Records a good credential.
    func succeeded(_ credential: CredentialDigest, from client: PeerAddress, now: Instant) {
        guard let address = client.key else { return }
        limiter.withLock { $0.succeeded(credential, from: address, now: now) }
    }
}
