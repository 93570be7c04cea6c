// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@testable import EvRelay
@testable import LibEvent

@Suite struct ForwardingTests {
    private static let proxy = "10.0.0.1"

    private static func trusted(_ texts: [String] = ["10.0.0.0/8", "2001:db8:ffff::/48"]) throws -> TrustedProxies {
        var proxies = TrustedProxies()
        for text in texts { try proxies.insert(parsing: text) }
        return proxies
    }

    /// Returns the forwarding of a request with these fields, from a trusted proxy unless another peer is given.
    private static func forwarding(
        _ fields: String..., from peer: String = proxy, trusting texts: [String]? = nil
    ) throws -> Forwarding {
        let head = try head(["GET / HTTP/1.1", "Host: x"] + fields)
        let peer = try peer == "unix" ? .unixSocket : #require(PeerAddress(host: peer))
        return Forwarding(head, peer: peer, trusted: try texts.map(trusted) ?? trusted())
    }

    @Test(arguments: [
        ("192.0.2.7", "192.0.2.7"), ("198.51.100.1, 192.0.2.7", "192.0.2.7"),
        ("192.0.2.7, 10.0.0.9", "192.0.2.7"), ("192.0.2.7, 10.0.0.9, 10.200.0.1,", "192.0.2.7"),
        ("evil, 192.0.2.7", "192.0.2.7"), ("192.0.2.7:5000", "192.0.2.7"), ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"), ("[2001:db8::7]:5000", "2001:db8::7"), ("::ffff:192.0.2.7", "192.0.2.7"),
        ("192.0.2.7, 2001:db8:ffff::1", "192.0.2.7"), ("192.0.2.7, ::ffff:10.0.0.2", "192.0.2.7"),
    ])
    func `the client is the last address that is no proxy of ours`(_ value: String, _ client: String) throws {
        let forwarding = try Self.forwarding("X-Forwarded-For: \(value)")
        #expect(forwarding.client == PeerAddress(host: client))
        #expect(forwarding.isForwarded)
        #expect(forwarding.isTrusted)
    }

    @Test func `several fields are one list`() throws {
        let forwarding = try Self.forwarding(
            "X-Forwarded-For: 198.51.100.1", "X-Forwarded-For: 192.0.2.7", "x-forwarded-for: 10.0.0.9")
        #expect(forwarding.client == PeerAddress(host: "192.0.2.7"))
    }

    @Test func `if all are proxies of ours the first one has asked`() throws {
        let forwarding = try Self.forwarding("X-Forwarded-For: 10.0.0.3, 10.0.0.2")
        #expect(forwarding.client == PeerAddress(host: "10.0.0.3"))
        #expect(forwarding.isForwarded)
    }

    @Test(arguments: ["", ",", "unknown", "_secret", "1.2.3", "192.0.2.7, unknown", "[2001:db8::7", "192.0.2.7, for=x"])
    func `what is no address names nobody`(_ value: String) throws {
        let forwarding = try Self.forwarding("X-Forwarded-For: \(value)")
        #expect(forwarding.client == PeerAddress(host: Self.proxy))
        #expect(!forwarding.isForwarded)
        #expect(forwarding.isTrusted)
    }

    @Test func `behind what is no address the last known proxy has asked`() throws {
        let forwarding = try Self.forwarding("X-Forwarded-For: 192.0.2.7, unknown, 10.0.0.2")
        #expect(forwarding.client == PeerAddress(host: "10.0.0.2"))
        #expect(forwarding.isForwarded)
    }

    @Test func `no more than 32 addresses are looked at`() throws {
        let many = Array(repeating: "10.0.0.2", count: 31).joined(separator: ", ")
        #expect(try Self.forwarding("X-Forwarded-For: 192.0.2.7, \(many)").client.host == "192.0.2.7")
        #expect(try Self.forwarding("X-Forwarded-For: 192.0.2.7, 10.0.0.2, \(many)").client.host == "10.0.0.2")
    }

    @Test(arguments: ["192.0.2.1", "11.0.0.1", "2001:db8::1", "unix"])
    func `anybody else's word counts for nothing`(_ peer: String) throws {
        let forwarding = try Self.forwarding(
            "X-Forwarded-For: 192.0.2.7", "X-Forwarded-Proto: https", from: peer)
        #expect(forwarding.client == (peer == "unix" ? .unixSocket : PeerAddress(host: peer)))
        #expect(!forwarding.isForwarded)
        #expect(!forwarding.isTrusted)
        #expect(!forwarding.isSecure)
    }

    @Test func `peers on unix sockets are trusted when that is said, and only then`() throws {
        let fields = "X-Forwarded-For: 192.0.2.7"
        #expect(try Self.forwarding(fields, from: "unix", trusting: ["unix"]).client.host == "192.0.2.7")
        #expect(try !Self.forwarding(fields, from: Self.proxy, trusting: ["unix"]).isTrusted)
        #expect(try !Self.forwarding(fields, from: "unix", trusting: []).isTrusted)
        #expect(try !Self.forwarding(fields, from: "unix", trusting: ["0.0.0.0/0", "::/0"]).isTrusted)
    }

    @Test(arguments: [
        ("https", true), ("HTTPS", true), ("http", false), ("http, https", true), ("https, http", false),
        ("wss", false), ("", false),
    ])
    func `the connection is encrypted if the last proxy says so`(_ value: String, _ isSecure: Bool) throws {
        #expect(try Self.forwarding("X-Forwarded-Proto: \(value)").isSecure == isSecure)
    }

    @Test func `without fields the proxy itself has asked`() throws {
        let forwarding = try Self.forwarding()
        #expect(forwarding.client == PeerAddress(host: Self.proxy))
        #expect(forwarding.isTrusted)
        #expect(!forwarding.isForwarded)
        #expect(!forwarding.isSecure)
    }

    @Test func `a peer that has gone is nobody's proxy`() throws {
        #expect(try !Self.trusted(["0.0.0.0/0", "::/0", "unix"]).contains(PeerAddress(ofSocket: -1)))
        #expect(try Self.trusted(["127.0.0.0/8"]).contains(#require(PeerAddress(host: "::ffff:127.0.0.1"))))
    }
}
