// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import System
import WireFormat

/// A credential that came with a request that needed none. A long-lived request keeps it and depends on it as soon as
/// one is needed: after a reload that sets `--private`, or that adds the first key.
///
/// Only its digest is kept. Until the credential is needed, the client is not told whether it is right, and a wrong one
/// does not count as a failure: the server has not asked for it.
struct UnseenCredential: Sendable, Equatable {
    /// The kind of the credential when the request came. A link is verified then, since its text is not kept.
    enum Kind: Sendable, Equatable {
        /// A key, or text that is no valid link. It is looked up among the keys when it is needed.
        case key
        /// A link that was valid, with its rights and cameras.
        case token(secret: CredentialDigest, expiresMicroseconds: Int64, rights: Set<Right>, cameras: [CameraPattern])
    }

    let kind: Kind
    let digest: CredentialDigest
    /// The client for which a failure is counted if the credential is wrong.
    let client: PeerAddress

    init(kind: Kind, digest: CredentialDigest, client: PeerAddress) {
        self.kind = kind
        self.digest = digest
        self.client = client
    }

    /// Restores the credential that the previous process saved as `basis`; nil for an open basis. The previous process
    /// has checked a link's rights.
    init?(restoring basis: Grant.Basis, of client: PeerAddress, rights: Set<Right>, cameras: [CameraPattern]) {
        self.client = client
        switch basis {
        case .token(let digest, let secret, let expiresMicroseconds):
            self.digest = digest
            kind = .token(secret: secret, expiresMicroseconds: expiresMicroseconds, rights: rights, cameras: cameras)
        case .key(let digest):
            self.digest = digest
            kind = .key
        case .open: return nil
        }
    }

    /// Returns the basis by which the next process recognizes the credential; nil for a link without `right` to
    /// `camera`.
    func basis(for right: Right, _ camera: CameraID) -> Grant.Basis? {
        switch kind {
        case .key: .key(digest)
        case .token(let secret, let expiresMicroseconds, let rights, let cameras):
            rights.contains(right) && cameras.include(camera)
                ? .token(digest, secret: secret, expiresMicroseconds: expiresMicroseconds) : nil
        }
    }
}

extension AccessControl {
    /// Returns `grant` with the credential of `head` if none was needed. Computes a digest if there is a credential,
    /// and for a link its signature, so it is meant for long-lived requests.
    func remembering(_ head: RequestHead, of client: PeerAddress, in grant: Grant) -> Grant {
        guard case .open = grant.basis, let credential = Credential(head),
            let digest = CredentialDigest(of: credential.text)
        else { return grant }
        var grant = grant
        switch credential.kind {
        case .key, .malformed: grant.unseen = UnseenCredential(kind: .key, digest: digest, client: client)
        case .token:
            do throws(TokenError) {
                grant.unseen = try unseen(credential, digest, client)
            } catch {
                // A correctly signed token that is not valid is not a guess, so nothing is kept of it.
                guard !error.isRightlySigned else { return grant }
                grant.unseen = UnseenCredential(kind: .key, digest: digest, client: client)
            }
        }
        return grant
    }

    private func unseen(
        _ credential: Credential, _ digest: CredentialDigest, _ client: PeerAddress
    ) throws(TokenError) -> UnseenCredential {
        guard let tokens else { throw .wrongSignature }
        let claims = try tokens.verify(credential.text, nowMicroseconds: SystemClock.nowMicroseconds())
        return UnseenCredential(
            kind: .token(
                secret: tokens.secret.fingerprint, expiresMicroseconds: claims.expiresMicroseconds,
                rights: claims.rights, cameras: claims.cameras),
            digest: digest, client: client)
    }

    /// Returns the reason to end `held` by a credential that was not needed before; nil while `held` may go on.
    func refusal(
        of unseen: UnseenCredential, _ held: HeldGrant, nowMicroseconds: Int64, _ failures: FailureGuard
    ) -> Refusal? {
        let now = SystemClock.monotonic()
        if let wait = failures.wait(of: unseen.digest, from: unseen.client, now: now, rules) {
            return .tooManyWrongKeys(wait: wait)
        }
        let basis: Grant.Basis
        switch unseen.kind {
        case .key:
            basis = .key(unseen.digest)
            guard knows(unseen.digest) else {
                _ = failures.failed(unseen.digest, from: unseen.client, now: now, rules)
                return .keyWrong
            }
        case .token(let secret, let expiresMicroseconds, let rights, let cameras):
            basis = .token(unseen.digest, secret: secret, expiresMicroseconds: expiresMicroseconds)
            guard rights.contains(held.right), cameras.include(held.camera) else { return .rightMissing(held.right) }
        }
        failures.succeeded(unseen.digest, from: unseen.client, now: now)
        let grant = Grant(basis: basis, rights: [held.right], cameras: [.every])
        return refusal(
            of: HeldGrant(grant: grant, right: held.right, camera: held.camera), nowMicroseconds: nowMicroseconds,
            failures)
    }

    /// Returns the time when `held` expires, in microseconds since 1970; `Int64.max` if it never does.
    func end(of held: HeldGrant) -> Int64 {
        guard case .open = held.grant.basis else { return end(of: held.grant) }
        guard !isOpen(held), case .token(let secret, let expiresMicroseconds, _, _) = held.grant.unseen?.kind,
            let digest = held.grant.unseen?.digest
        else { return .max }
        let basis = Grant.Basis.token(digest, secret: secret, expiresMicroseconds: expiresMicroseconds)
        return end(of: Grant(basis: basis, rights: [], cameras: []))
    }
}
