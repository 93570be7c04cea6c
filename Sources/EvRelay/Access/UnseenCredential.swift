// SPDX-License-Identifier: MIT
import LibEvent
import WireFormat

/// A credential that came with a request which needed none. What lasts keeps it, and lives by it as soon as one is needed:
/// after a reload that sets `--private`, or that adds the first key.
///
/// Nothing of the credential itself is kept. Whether it is right is not told, and a wrong one does not count as a failure,
/// before it is needed: until then nobody has asked for it.
struct UnseenCredential: Sendable, Equatable {
    /// What it turned out to be when the request came; a link can be checked only as long as its text is there.
    enum Kind: Sendable, Equatable {
        /// To be looked for among the keys, when it is needed.
        case key
        /// A link that was right, and what it is for.
        case token(secret: CredentialDigest, expiresMicroseconds: Int64, rights: Set<Right>, cameras: [CameraPattern])
    }

    let kind: Kind
    let digest: CredentialDigest
    /// Whose failure it is, if it is wrong.
    let client: PeerAddress

    init(kind: Kind, digest: CredentialDigest, client: PeerAddress) {
        self.kind = kind
        self.digest = digest
        self.client = client
    }

    /// What the process before has kept as `basis`: a link's rights were checked there.
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

    /// What the next process is to recognize it by; nil for a link that is not for this.
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
    /// `grant` with the credential of `head`, if that was not needed. Costs a digest where one came, and for a link its
    /// signature, so it is for what lasts.
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
                // What was rightly signed, but does not hold, is nobody's guess.
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

    /// Nil while `held` may go on by a credential that was not needed before; otherwise why it ends.
    func refusal(
        of unseen: UnseenCredential, _ held: HeldGrant, nowMicroseconds: Int64, _ failures: FailureGuard
    ) -> ErrorAnswer? {
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

    /// When `held` ends by itself, microseconds since 1970; `Int64.max` if it does not.
    func end(of held: HeldGrant) -> Int64 {
        guard case .open = held.grant.basis else { return end(of: held.grant) }
        guard !isOpen(held), case .token(let secret, let expiresMicroseconds, _, _) = held.grant.unseen?.kind,
            let digest = held.grant.unseen?.digest
        else { return .max }
        let basis = Grant.Basis.token(digest, secret: secret, expiresMicroseconds: expiresMicroseconds)
        return end(of: Grant(basis: basis, rights: [], cameras: []))
    }
}
