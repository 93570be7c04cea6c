// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import System
import WireFormat

/// Decides what each request may do, by the current settings, keys and link secret.
///
/// Sendable and immutable: a reload makes a new instance. Reads request heads; keeps no credential.
final class AccessControl: Sendable {
    private let keys: KeyRing
    let tokens: TokenVerifier?
    private let hosts: HostCheck
    let rules: FailureLimiter.Rules
    /// The grant without a credential for requests from this machine.
    private let openHere: Grant
    /// The grant without a credential for all other requests.
    private let openElsewhere: Grant

    /// - Parameter hostNames: names of this server, in addition to the configured ones.
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

    /// The clients that may use a right; the raw value is text for people.
    enum Openness: String {
        case everybody = "open to everybody"
        case thisMachine = "this machine, and others with a key or link"
        case thisMachineOnly = "this machine only"
        case withCredential = "with a key or link"
    }

    /// The clients that may publish.
    var publishing: Openness {
        if openElsewhere.rights.contains(.publish) { return .everybody }
        guard openHere.rights.contains(.publish) else { return .withCredential }
        return hasCredentials ? .thisMachine : .thisMachineOnly
    }

    /// The clients that may view and observe.
    var viewing: Openness { openElsewhere.rights.contains(.view) ? .everybody : .withCredential }

    /// The number of keys.
    var keyCount: Int { keys.count }

    /// True if there is a secret to sign and verify links with.
    var hasTokens: Bool { tokens != nil }

    private var hasCredentials: Bool { keys.count > 0 || tokens != nil }

    // MARK: - Checking requests

    /// Returns the grant of a request that asks for any of `rights`: the open grant if that includes one of them and
    /// the Host field passes its check (which a trusted proxy's requests need not), otherwise the grant of the
    /// credential, which may have other rights.
    /// - Parameters:
    ///   - peer: the connected address.
    ///   - forwarding: names the client, which may be behind a trusted proxy.
    ///   - failures: consulted before a credential is checked, and told the result.
    /// - Throws: if no open right suffices and the credential is missing, wrong, or blocked after too many failures.
    func grant(
        anyOf rights: [Right], to head: RequestHead, from peer: PeerAddress, _ forwarding: Forwarding,
        _ failures: FailureGuard
    ) throws(AccessRefusal) -> Grant {
        let open = isFromThisMachine(head, peer) ? openHere : openElsewhere
        var refusal: Refusal?
        if rights.contains(where: open.rights.contains) {
            if !forwarding.isTrusted { refusal = hosts.refusal(host: head.field("host"), from: peer) }
            guard refusal != nil else { return open }
        }
        guard hasCredentials, let credential = Credential(head) else {
            // The Host check applies only without a credential: a client with a key need not use a known name.
            throw AccessRefusal(refusal ?? (hasCredentials ? .keyRequired(rights[0]) : .publishingNotAllowed))
        }
        return try grant(credential, of: forwarding.client, failures)
    }

    /// Returns true for a request from a local peer without a proxy's fields. A proxy on this machine also connects
    /// from a local address, but the fields that it adds reveal it.
    private func isFromThisMachine(_ head: RequestHead, _ peer: PeerAddress) -> Bool {
        peer.isLocal && !ProxyMarks.are(on: head)
    }

    private func grant(
        _ credential: Credential, of client: PeerAddress, _ failures: FailureGuard
    ) throws(AccessRefusal) -> Grant {
        guard let digest = CredentialDigest(of: credential.text) else {
            throw AccessRefusal(.missingDigest("SHA-256"))
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
                Refusal(error), delay: error.isGuess ? failures.failed(digest, from: client, now: now, rules) : .zero)
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

    // MARK: - Long-lived requests

    /// Returns the reason to end a long-lived request; nil while its grant holds.
    /// - Parameter failures: consulted and told about credentials that were not needed when the request came.
    func refusal(of held: HeldGrant, nowMicroseconds: Int64, _ failures: FailureGuard) -> Refusal? {
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
            guard let tokens, tokens.secret.fingerprint == secret else { return Refusal(.wrongSignature) }
            return tokens.hasExpired(expiresMicroseconds, nowMicroseconds) ? Refusal(.expired) : nil
        }
    }

    /// Returns true if `held` was granted without a credential and still needs none.
    func isOpen(_ held: HeldGrant) -> Bool {
        guard case .open(let toThisMachine) = held.grant.basis else { return false }
        return (toThisMachine ? openHere : openElsewhere).rights.contains(held.right)
    }

    /// Returns true if a key has this digest.
    func knows(_ digest: CredentialDigest) -> Bool { keys[digest] != nil }

    /// Returns the time when a grant expires, in microseconds since 1970: `Int64.max` if it never does, 0 for a link if
    /// there is no secret any more.
    func end(of grant: Grant) -> Int64 {
        guard case .token(_, _, let expiresMicroseconds) = grant.basis else { return .max }
        return tokens?.end(expiresMicroseconds) ?? 0
    }
}

/// The reasons why a credential is refused.
private enum CredentialError: Error {
    case wrongKey
    case token(TokenError)

    /// True if the credential may be a guess: it is no known key, or not signed with the secret.
    var isGuess: Bool {
        switch self {
        case .wrongKey: true
        case .token(let error): !error.isRightlySigned
        }
    }
}

extension Refusal {
    fileprivate init(_ error: CredentialError) {
        switch error {
        case .wrongKey: self = .keyWrong
        case .token(let error): self.init(error)
        }
    }
}
