// SPDX-License-Identifier: MIT
import LibEvent
import WireFormat

/// Who may do what: the settings, the keys and the secret of links as they hold now.
///
/// Sendable and immutable: a reload makes another one. Decides by looking at heads; keeps no credential.
final class AccessControl: Sendable {
    private let keys: KeyRing
    let tokens: TokenVerifier?
    private let hosts: HostCheck
    let rules: FailureLimiter.Rules
    /// What is open to this machine, and to everybody else.
    private let openHere: Grant
    private let openElsewhere: Grant

    /// - Parameter hostNames: of this server, beside those that are configured.
    init(
        _ configuration: Configuration, keys: KeyRing = KeyRing(), secret: TokenSecret? = nil, hostNames: [String] = []
    ) {
        let access = configuration.access
        self.keys = keys
        tokens = secret.map { TokenVerifier(secret: $0, leeway: access.tokenLeeway) }
        hosts = HostCheck(
            names: hostNames + access.allowedHosts + (configuration.publicURL.map { [$0.host] } ?? []))
        rules = FailureLimiter.Rules(maxFailures: access.maxKeyFailures, memory: access.keyFailureTime)
        let seeing: Set<Right> = access.isPrivate ? [] : [.view, .observe]
        let isOpenHere = configuration.isPublishingOpen || !keys.has(.publish)
        func open(_ isPublishingOpen: Bool, toThisMachine: Bool) -> Grant {
            Grant(
                basis: .open(toThisMachine: toThisMachine),
                rights: isPublishingOpen ? seeing.union([.publish]) : seeing,
                cameras: [.every])
        }
        openHere = open(isOpenHere, toThisMachine: true)
        openElsewhere = open(configuration.isPublishingOpen, toThisMachine: false)
    }

    /// Whom something is open to.
    enum Openness: String {
        case everybody = "open to everybody"
        case thisMachine = "this machine, and others with a key or link"
        case thisMachineOnly = "this machine only"
        case withCredential = "with a key or link"
    }

    /// Who may publish.
    var publishing: Openness {
        if openElsewhere.rights.contains(.publish) { return .everybody }
        guard openHere.rights.contains(.publish) else { return .withCredential }
        return hasCredentials ? .thisMachine : .thisMachineOnly
    }

    /// Who may view and observe.
    var viewing: Openness { openElsewhere.rights.contains(.view) ? .everybody : .withCredential }

    /// How many keys there are.
    var keyCount: Int { keys.count }

    /// True if links can be signed.
    var hasTokens: Bool { tokens != nil }

    private var hasCredentials: Bool { keys.count > 0 || tokens != nil }

    // MARK: - Asking

    /// What a request may do, if that is any of `rights`: openly if nothing more is needed, otherwise by its credential,
    /// which may turn out to give other rights.
    /// - Parameters:
    ///   - peer: who is connected.
    ///   - forwarding: who asks.
    ///   - failures: is asked and told about wrong credentials.
    func grant(
        anyOf rights: [Right], to head: RequestHead, from peer: PeerAddress, _ forwarding: Forwarding,
        _ failures: FailureGuard
    ) throws(AccessRefusal) -> Grant {
        let open = isFromThisMachine(head, peer) ? openHere : openElsewhere
        var refusal: ErrorAnswer?
        if rights.contains(where: open.rights.contains) {
            if !forwarding.isTrusted { refusal = hosts.refusal(host: head.field("host"), from: peer) }
            guard refusal != nil else { return open }
        }
        guard hasCredentials, let credential = Credential(head) else {
            // Whoever knows a key need not know the server by its name.
            throw AccessRefusal(refusal ?? (hasCredentials ? .keyRequired(rights[0]) : .publishingNotAllowed))
        }
        return try grant(credential, of: forwarding.client, failures)
    }

    /// A request that a proxy on this machine hands on comes from a local address; the fields a proxy adds give it away.
    private func isFromThisMachine(_ head: RequestHead, _ peer: PeerAddress) -> Bool {
        peer.isLocal && !ProxyMarks.are(on: head)
    }

    private func grant(
        _ credential: Credential, of client: PeerAddress, _ failures: FailureGuard
    ) throws(AccessRefusal) -> Grant {
        guard let digest = CredentialDigest(of: credential.text) else {
            throw AccessRefusal(ErrorAnswer(500, "internal-error", "This system's OpenSSL has no SHA-256."))
        }
        let now = SystemClock.monotonic()
        if let wait = failures.wait(of: digest, from: client, now: now, rules) {
            throw AccessRefusal(.tooManyWrongKeys(wait: wait))
        }
        let grant: Grant
        do throws(CredentialError) {
            grant = try check(credential, digest, nowMicroseconds: SystemClock.nowMicroseconds())
        } catch {
            throw AccessRefusal(
                error.answer, delay: error.isGuess ? failures.failed(digest, from: client, now: now, rules) : .zero)
        }
        failures.succeeded(digest, from: client, now: now)
        return grant
    }

    private func check(
        _ credential: Credential, _ digest: CredentialDigest, nowMicroseconds: Int64
    ) throws(CredentialError) -> Grant {
        switch credential.kind {
        case .malformed: throw .wrongKey
        case .key:
            guard let entry = keys[digest] else { throw .wrongKey }
            return Grant(
                basis: .key(digest), rights: entry.rights, cameras: entry.cameras, source: credential.source)
        case .token:
            guard let tokens else { throw .token(.wrongSignature) }
            let claims: TokenClaims
            do throws(TokenError) {
                claims = try tokens.verify(credential.text, nowMicroseconds: nowMicroseconds)
            } catch {
                throw .token(error)
            }
            return Grant(
                basis: .token(
                    digest, secret: tokens.secret.fingerprint, expiresMicroseconds: claims.expiresMicroseconds),
                rights: claims.rights, cameras: claims.cameras, source: credential.source)
        }
    }

    // MARK: - What lasts

    /// Nil while what was granted may go on; otherwise why it ends.
    /// - Parameter failures: is asked and told about credentials that were not needed before.
    func refusal(of held: HeldGrant, nowMicroseconds: Int64, _ failures: FailureGuard) -> ErrorAnswer? {
        let grant = held.grant
        switch grant.basis {
        case .open:
            guard !isOpen(held) else { return nil }
            guard let unseen = grant.unseen else { return .keyRequired(held.right) }
            return refusal(of: unseen, held, nowMicroseconds: nowMicroseconds, failures)
        case .key(let digest):
            guard let entry = keys[digest] else { return .keyWrong }
            let isAllowed = entry.rights.contains(held.right) && entry.cameras.include(held.camera)
            return isAllowed ? nil : .rightMissing(held.right)
        case .token(_, let secret, let expiresMicroseconds):
            guard let tokens, tokens.secret.fingerprint == secret else { return TokenError.wrongSignature.answer }
            return tokens.hasExpired(expiresMicroseconds, nowMicroseconds) ? TokenError.expired.answer : nil
        }
    }

    /// True if what `held` does needs no credential now.
    func isOpen(_ held: HeldGrant) -> Bool {
        guard case .open(let toThisMachine) = held.grant.basis else { return false }
        return (toThisMachine ? openHere : openElsewhere).rights.contains(held.right)
    }

    /// True if there is a key with this digest.
    func knows(_ digest: CredentialDigest) -> Bool { keys[digest] != nil }

    /// When what was granted ends by itself, microseconds since 1970; `Int64.max` if it does not.
    func end(of grant: Grant) -> Int64 {
        guard case .token(_, _, let expiresMicroseconds) = grant.basis else { return .max }
        return tokens?.end(expiresMicroseconds) ?? 0
    }
}

/// Why a credential opens nothing.
private enum CredentialError: Error {
    case wrongKey
    case token(TokenError)

    /// True if nobody who has the secret can have made it.
    var isGuess: Bool {
        switch self {
        case .wrongKey: true
        case .token(let error): !error.isRightlySigned
        }
    }

    var answer: ErrorAnswer {
        switch self {
        case .wrongKey: .keyWrong
        case .token(let error): error.answer
        }
    }
}
