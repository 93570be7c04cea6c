// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@testable import EvRelay
@testable import LibEvent

@Suite struct AccessPolicyTests {
    private static let local = PeerAddress(
        text: "127.0.0.1:5000", host: "127.0.0.1", key: .init(high: 0, low: 1), isLocal: true)
    private static let foreign = PeerAddress(
        text: "192.0.2.7:5000", host: "192.0.2.7", key: .init(high: 0, low: 2), isLocal: false)

    private static func policy(isOpen: Bool) -> AccessPolicy {
        var configuration = Configuration()
        configuration.isPublishingOpen = isOpen
        return AccessPolicy(configuration)
    }

    private static func refusal(
        _ peer: PeerAddress, _ fields: [String] = [], _ origin: CrossOrigin = .sameOrigin, isOpen: Bool = false
    ) throws -> ErrorAnswer? {
        let head = try head(["POST /upload HTTP/1.1", "Host: x", "Content-Length: 5"] + fields)
        return policy(isOpen: isOpen).refusalToPublish(head, peer: peer, origin: origin)
    }

    @Test func `this machine may publish, over TCP and unix sockets`() throws {
        #expect(try Self.refusal(Self.local) == nil)
        #expect(try Self.refusal(.unixSocket) == nil)
    }

    @Test func `other machines may not, unless publishing is open`() throws {
        let refusal = try #require(try Self.refusal(Self.foreign))
        #expect(refusal.status == 403)
        #expect(refusal.reason == "publishing-not-allowed")
        #expect(refusal.message.contains("--open-publishing"))
        #expect(try Self.refusal(Self.foreign, isOpen: true) == nil)
    }

    @Test(arguments: [
        "X-Forwarded-For: 192.0.2.7", "x-forwarded-for: 127.0.0.1", "X-FORWARDED-FOR:", "Forwarded: for=192.0.2.7",
        "forwarded: for=127.0.0.1",
    ])
    func `what a proxy on this machine hands on comes from elsewhere`(_ field: String) throws {
        for peer in [Self.local, .unixSocket] {
            #expect(try Self.refusal(peer, [field])?.reason == "publishing-not-allowed")
            #expect(try Self.refusal(peer, [field], isOpen: true) == nil)
        }
    }

    @Test func `a foreign page may not publish, wherever it runs and also when publishing is open`() throws {
        for (peer, isOpen) in [(Self.local, false), (Self.foreign, false), (Self.local, true), (Self.foreign, true)] {
            let refusal = try #require(try Self.refusal(peer, [], .foreign("https://evil.test"), isOpen: isOpen))
            #expect(refusal.status == 403)
            #expect(refusal.reason == "origin-not-allowed")
            #expect(refusal.message.contains("https://evil.test"))
        }
    }

    @Test func `a long origin is cut in the answer`() throws {
        let origin = "https://" + String(repeating: "x", count: 5000)
        #expect(try #require(try Self.refusal(Self.local, [], .foreign(origin))).message.count < 250)
    }

    @Test func `an allowed origin may publish from where publishing is allowed, and only from there`() throws {
        #expect(try Self.refusal(Self.local, [], .allowed("https://a.test")) == nil)
        #expect(try Self.refusal(Self.foreign, [], .allowed("*"))?.reason == "publishing-not-allowed")
        #expect(try Self.refusal(Self.foreign, [], .allowed("*"), isOpen: true) == nil)
    }
}
