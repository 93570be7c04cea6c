// SPDX-License-Identifier: MIT
import Cameras
import Crypto
import System
import TestSupport
import Testing
import WireFormat

@testable import EvRelay
@testable import LibEvent

@Suite struct AccessControlTests {
    private static let keys = [
        "\(AccessFixture.publishKey) publish door,shop-*", "\(AccessFixture.viewKey) view door",
        "\(AccessFixture.observeKey) observe *",
    ]

    /// Returns the grant of a request, or the refusal.
    private static func ask(
        _ access: AccessControl, _ rights: [Right], _ fields: [String] = [], key: String? = nil,
        peer: PeerAddress = AccessFixture.foreign, host: String = "relay",
        trusting: String? = nil, failures: FailureGuard = FailureGuard()
    ) throws -> Result<Grant, AccessRefusal> {
        let target = "/x" + (key.map { "?key=\($0)" } ?? "")
        let head = try head(["GET \(target) HTTP/1.1", "Host: \(host)"] + fields)
        var proxies = TrustedProxies()
        if let trusting { try proxies.insert(parsing: trusting) }
        let forwarding = Forwarding(head, peer: peer, trusted: proxies)
        do throws(AccessRefusal) {
            return .success(try access.grant(anyOf: rights, to: head, from: peer, forwarding, failures))
        } catch {
            return .failure(error)
        }
    }

    private static func reason(_ result: Result<Grant, AccessRefusal>) -> String? {
        if case .failure(let refusal) = result { refusal.refusal.reason.rawValue } else { nil }
    }

    private static func status(_ result: Result<Grant, AccessRefusal>) -> Int {
        if case .failure(let refusal) = result { refusal.refusal.status } else { 200 }
    }

    // MARK: - Without a credential

    @Test func `without keys this machine alone may publish, and everybody may see`() throws {
        let access = try AccessFixture.control()
        for peer in [AccessFixture.local, .unixSocket] {
            #expect(try Self.reason(Self.ask(access, [.publish], peer: peer)) == nil)
        }
        let refusal = try Self.ask(access, [.publish])
        #expect(Self.status(refusal) == 403)
        #expect(Self.reason(refusal) == "publishing-not-allowed")
        for right in [Right.view, .observe] { #expect(try Self.reason(Self.ask(access, [right])) == nil) }
    }

    @Test(arguments: [
        "X-Forwarded-For: 192.0.2.7", "x-forwarded-for: 127.0.0.1", "X-FORWARDED-FOR:", "Forwarded: for=192.0.2.7",
        "forwarded: for=127.0.0.1",
    ])
    func `what a proxy on this machine hands on comes from elsewhere`(field: String) throws {
        let access = try AccessFixture.control()
        let open = try AccessFixture.control { $0.isPublishingOpen = true }
        for peer in [AccessFixture.local, .unixSocket] {
            #expect(try Self.reason(Self.ask(access, [.publish], [field], peer: peer)) == "publishing-not-allowed")
            #expect(try Self.reason(Self.ask(open, [.publish], [field], peer: peer)) == nil)
        }
    }

    /// A proxy on the machine that added X-Real-IP or Via, but no X-Forwarded-For, let every client publish.
    @Test(arguments: ProxyMarks.fields)
    func `every field that proxies add says that somebody else asks`(name: String) throws {
        let access = try AccessFixture.control()
        for field in ["\(name): 192.0.2.7", "\(name.uppercased()):"] {
            #expect(
                try Self.reason(Self.ask(access, [.publish], [field], peer: AccessFixture.local))
                    == "publishing-not-allowed")
        }
        // A longer or shorter name does not count, nor does a name in a value.
        for field in ["\(name)x: 1", "x\(name): 1", "\(name.dropLast(1))_: 1", "Referer: \(name): 1"] {
            #expect(
                try Self.reason(Self.ask(access, [.publish], [field], peer: AccessFixture.local)) == nil, "\(field)")
        }
    }

    @Test(arguments: ["Connection: close", "User-Agent: nginx", "X-Publisher-ID: abcdefgh", "X-Requested-With: a"])
    func `what programs on the machine send, and nginx's bare form, does not`(field: String) throws {
        let access = try AccessFixture.control()
        #expect(try Self.reason(Self.ask(access, [.publish], [field], peer: AccessFixture.local)) == nil)
        #expect(ProxyMarks.fields.allSatisfy { $0 == $0.lowercased() })
        #expect(Set(ProxyMarks.fields).count == ProxyMarks.fields.count)
    }

    @Test func `with a secret alone this machine may still publish, and others need a link`() throws {
        let access = try AccessFixture.control(secret: AccessFixture.secret())
        #expect(try Self.reason(Self.ask(access, [.publish], peer: AccessFixture.local)) == nil)
        #expect(try Self.reason(Self.ask(access, [.publish])) == "key-required")
    }

    @Test func `with a key for publishing everybody needs one, this machine too`() throws {
        let access = try AccessFixture.control(keys: Self.keys)
        for peer in [AccessFixture.local, AccessFixture.foreign, .unixSocket] {
            let answer = try Self.ask(access, [.publish], peer: peer)
            #expect(Self.status(answer) == 401)
            #expect(Self.reason(answer) == "key-required")
        }
        // Keys for other rights do not affect publishing.
        let others = try AccessFixture.control(keys: Array(Self.keys.dropFirst()))
        #expect(try Self.reason(Self.ask(others, [.publish], peer: AccessFixture.local)) == nil)
        #expect(try Self.reason(Self.ask(others, [.publish])) == "key-required")
    }

    @Test func `the log can say who may do what`() throws {
        let secret = try AccessFixture.secret()
        for (access, publishing, viewing) in [
            (try AccessFixture.control(), .thisMachineOnly, .everybody),
            (try AccessFixture.control(secret: secret), .thisMachine, .everybody),
            (try AccessFixture.control(keys: Self.keys), .withCredential, .everybody),
            (try AccessFixture.control { $0.isPublishingOpen = true }, .everybody, .everybody),
            (try AccessFixture.control(secret: secret) { $0.access.isPrivate = true }, .thisMachine, .withCredential),
        ] as [(AccessControl, AccessControl.Openness, AccessControl.Openness)] {
            #expect(access.publishing == publishing)
            #expect(access.viewing == viewing)
        }
        #expect(try AccessFixture.control(keys: Self.keys).keyCount == 3)
        #expect(try AccessFixture.control(secret: secret).hasTokens)
    }

    @Test func `open publishing is open, whatever keys there are`() throws {
        let access = try AccessFixture.control(keys: Self.keys) { $0.isPublishingOpen = true }
        #expect(try Self.reason(Self.ask(access, [.publish])) == nil)
    }

    @Test func `a private server shows nothing without a right`() throws {
        let access = try AccessFixture.control(keys: Self.keys) { $0.access.isPrivate = true }
        for (rights, peer) in [
            ([Right.view], AccessFixture.local), ([.observe], AccessFixture.foreign),
            ([.observe, .view], AccessFixture.foreign),
        ] {
            #expect(try Self.reason(Self.ask(access, rights, peer: peer)) == "key-required")
        }
        #expect(try Self.reason(Self.ask(access, [.view], key: AccessFixture.viewKey)) == nil)
    }

    @Test func `a key is looked at only where one is needed`() throws {
        let access = try AccessFixture.control(keys: Self.keys)
        let failures = FailureGuard()
        for _ in 0..<20 {
            let answer = try Self.ask(access, [.view], key: "wrong", failures: failures)
            #expect(try answer.get().credentialDigest == nil)
        }
        #expect(try Self.reason(Self.ask(access, [.publish], key: AccessFixture.publishKey, failures: failures)) == nil)
    }

    // MARK: - With a credential

    @Test(arguments: ["query", "bearer", "basic"])
    func `a key may come in three ways`(way: String) throws {
        let access = try AccessFixture.control(keys: Self.keys)
        let key = AccessFixture.publishKey
        let basic = Digest.base64(Array("anybody:\(key)".utf8))
        let answer =
            switch way {
            case "query": try Self.ask(access, [.publish], key: key)
            case "bearer": try Self.ask(access, [.publish], ["Authorization: Bearer \(key)"])
            default: try Self.ask(access, [.publish], ["Authorization: Basic \(basic)"])
            }
        let grant = try answer.get()
        #expect(grant.rights == [.publish])
        #expect(grant.allows(.publish, try AccessFixture.camera("door")))
        #expect(grant.allows(.publish, try AccessFixture.camera("shop-1")))
        #expect(!grant.allows(.publish, try AccessFixture.camera("garden")))
        #expect(!grant.allows(.view, try AccessFixture.camera("door")))
        #expect(grant.source == (way == "query" ? .query : .field))
        #expect(grant.credentialDigest == CredentialDigest(of: key)?.bytes)
    }

    @Test func `the query comes before the field, and an empty one counts for nothing`() throws {
        let access = try AccessFixture.control(keys: Self.keys)
        let bearer = "Authorization: Bearer \(AccessFixture.publishKey)"
        #expect(try Self.reason(Self.ask(access, [.publish], [bearer], key: "wrong-key-0123456789")) == "key-wrong")
        #expect(try Self.reason(Self.ask(access, [.publish], [bearer], key: "")) == nil)
    }

    @Test(arguments: [
        ("Authorization: Digest a=b", "key-required"), ("Authorization: Basic", "key-wrong"),
        ("Authorization: Bearer a b", "key-wrong"), ("Authorization: Basic eDo=", "key-required"),
        ("Authorization: Bearer short", "key-wrong"), ("Authorization: Bearer wrong-key-0123456789", "key-wrong"),
        ("Authorization: Bearer one.dot-is-neither-of-both", "key-wrong"),
        ("Authorization: Bearer a.b.c", "token-invalid"),
    ])
    func `what is wrong is told`(field: String, reason: String) throws {
        let access = try AccessFixture.control(keys: Self.keys, secret: AccessFixture.secret())
        let answer = try Self.ask(access, [.publish], [field])
        #expect(Self.status(answer) == 401)
        #expect(Self.reason(answer) == reason)
    }

    @Test func `a link gives what it says, and without a secret none does`() throws {
        let secret = try AccessFixture.secret()
        let claims = TokenClaims(
            rights: [.publish], cameras: try CameraPattern.list(parsing: "door"),
            expiresMicroseconds: SystemClock.nowMicroseconds() + 60_000_000)
        let token = try secret.sign(claims)
        let access = try AccessFixture.control(keys: Self.keys, secret: secret)
        let grant = try Self.ask(access, [.publish], key: token).get()
        #expect(grant.rights == [.publish])
        #expect(grant.cameras.map(\.description) == ["door"])
        let without = try AccessFixture.control(keys: Self.keys)
        #expect(try Self.reason(Self.ask(without, [.publish], key: token)) == "token-invalid")
    }

    @Test func `keys that nobody could have brought are not asked for`() throws {
        let access = try AccessFixture.control()
        let answer = try Self.ask(access, [.publish], key: AccessFixture.publishKey)
        #expect(Self.reason(answer) == "publishing-not-allowed")
    }

    // MARK: - Guessing

    @Test func `wrong keys are slowed and then refused, and the answer says for how long`() throws {
        let access = try AccessFixture.control(keys: Self.keys) { $0.access.maxKeyFailures = 4 }
        let failures = FailureGuard()
        var delays: [Int64] = []
        for number in 0..<4 {
            let answer = try Self.ask(access, [.publish], key: "guess-number-\(number)-012345", failures: failures)
            guard case .failure(let refusal) = answer else { throw WaitError("a refusal") }
            #expect(refusal.refusal.reason.rawValue == "key-wrong")
            delays.append(refusal.delay.wholeMilliseconds)
        }
        #expect(delays == [0, 0, 250, 500])
        // From here on the right key is not checked either.
        let answer = try Self.ask(access, [.publish], key: AccessFixture.publishKey, failures: failures)
        guard case .failure(let refusal) = answer else { throw WaitError("a refusal") }
        #expect(refusal.refusal.status == 429)
        #expect(refusal.refusal.reason.rawValue == "too-many-wrong-keys")
        #expect((1...600).contains(refusal.refusal.retryAfterSeconds ?? 0))
        #expect(refusal.delay == .zero)
    }

    @Test func `links that have ended are no guesses, forged ones are`() throws {
        let secret = try AccessFixture.secret()
        let access = try AccessFixture.control(secret: secret) { $0.access.maxKeyFailures = 3 }
        let old = try secret.sign(TokenClaims(rights: [.publish], cameras: [.every], expiresMicroseconds: 1_000_000))
        let failures = FailureGuard()
        for _ in 0..<20 {
            #expect(try Self.reason(Self.ask(access, [.publish], key: old, failures: failures)) == "token-expired")
        }
        for _ in 0..<3 {
            let answer = try Self.ask(access, [.publish], key: String(old.dropLast(2)) + "AA", failures: failures)
            #expect(Self.reason(answer) == "token-invalid")
        }
        #expect(try Self.reason(Self.ask(access, [.publish], key: old, failures: failures)) == "too-many-wrong-keys")
    }

    @Test func `the client behind a trusted proxy is counted, not the proxy`() throws {
        let access = try AccessFixture.control(keys: Self.keys) { $0.access.maxKeyFailures = 2 }
        let failures = FailureGuard()
        func ask(_ key: String, client: String) throws -> String? {
            Self.reason(
                try Self.ask(
                    access, [.publish], ["X-Forwarded-For: \(client)"], key: key, peer: AccessFixture.local,
                    trusting: "127.0.0.1", failures: failures))
        }
        for _ in 0..<2 { #expect(try ask("wrong-key-0123456789", client: "203.0.113.1") == "key-wrong") }
        #expect(try ask(AccessFixture.publishKey, client: "203.0.113.1") == "too-many-wrong-keys")
        #expect(try ask(AccessFixture.publishKey, client: "203.0.113.2") == nil)
    }

    // MARK: - Names

    @Test func `where nothing is asked for the server must be known by its name`() throws {
        let access = try AccessFixture.control(keys: Self.keys, hostNames: ["box.example"]) {
            $0.access.allowedHosts = ["cam.example"]
            $0.publicURL = try? PublicURL(parsing: "https://public.example/cams")
        }
        for host in ["box.example", "cam.example:30333", "public.example", "localhost"] {
            #expect(try Self.reason(Self.ask(access, [.view], peer: AccessFixture.local, host: host)) == nil)
        }
        func ask(_ fields: [String] = [], key: String? = nil, trusting: String? = nil) throws -> String? {
            Self.reason(
                try Self.ask(
                    access, [.view], fields, key: key, peer: AccessFixture.local, host: "evil.example",
                    trusting: trusting))
        }
        #expect(try ask() == "unknown-host")
        #expect(try ask(trusting: "127.0.0.1") == nil)
        // A page whose own host name leads here can add fields, but has no key.
        #expect(try ask(["X-Forwarded-For: 192.0.2.1"]) == "unknown-host")
        #expect(try ask(key: AccessFixture.viewKey) == nil)
        #expect(try ask(key: "wrong-key-0123456789") == "key-wrong")
        #expect(try Self.reason(Self.ask(access, [.view], host: "evil.example")) == nil)
    }
}
