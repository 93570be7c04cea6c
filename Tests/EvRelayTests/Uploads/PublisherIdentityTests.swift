// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import Testing

@testable import EvRelay

@Suite struct PublisherIdentityTests {
    private static func identity(
        _ fields: [String], client: String = "192.0.2.7", key: [UInt8]? = nil, stream: UInt64? = nil
    ) throws -> PublisherIdentity {
        try PublisherIdentity(
            head(["POST /upload HTTP/1.1", "Host: x"] + fields), client: #require(PeerAddress(host: client)),
            credentialDigest: key, stream: stream)
    }

    @Test func `without an id, address, credential and program together are the publisher`() throws {
        let base = try Self.identity(["User-Agent: cam/1"], key: [1])
        #expect(try base == Self.identity(["User-Agent: cam/1", "X-Other: 1"], key: [1]))
        for other in try [
            Self.identity(["User-Agent: cam/2"], key: [1]), Self.identity([], key: [1]),
            Self.identity(["User-Agent: cam/1"], key: [2]), Self.identity(["User-Agent: cam/1"]),
            Self.identity(["User-Agent: cam/1"], client: "192.0.2.8", key: [1]),
            Self.identity(["User-Agent: cam/1"], client: "2001:db8::7", key: [1]),
        ] {
            #expect(base != other)
        }
    }

    @Test func `a port is no part of an address`() throws {
        let head = try head("POST /upload HTTP/1.1", "Host: x")
        let first = try PublisherIdentity(head, client: .unixSocket, credentialDigest: nil)
        #expect(try first == PublisherIdentity(head, client: .unixSocket, credentialDigest: nil))
        #expect(try first != Self.identity([]))
    }

    @Test func `an id is the publisher wherever it comes from and whatever else it sends`() throws {
        let base = try Self.identity(["X-Publisher-ID: abcd-EFGH_1", "User-Agent: cam/1"], key: [1])
        #expect(try base == Self.identity(["x-publisher-id:  abcd-EFGH_1 "], client: "2001:db8::7", key: [2]))
        #expect(try base != Self.identity(["X-Publisher-ID: abcd-EFGH_2", "User-Agent: cam/1"], key: [1]))
        #expect(try base != Self.identity(["X-Publisher-ID: ABCD-efgh_1", "User-Agent: cam/1"], key: [1]))
    }

    @Test func `each streaming upload is a publisher of its own, from the same source`() throws {
        let (first, second) = try (Self.identity([], stream: 1), Self.identity([], stream: 2))
        #expect(first != second)
        #expect(try first != Self.identity([]))
        #expect(first.source == second.source)
    }

    @Test(arguments: [8, 9, 63, 64]) func `an id of a good length is taken`(_ count: Int) throws {
        _ = try Self.identity(["X-Publisher-ID: " + String(repeating: "a", count: count)])
    }

    @Test(arguments: [
        "", "a", "aaaaaaa", String(repeating: "a", count: 65), "aaaa aaaa", "aaaaaaa.", "aaaaaaaé", "aaaa,aaaa",
        "aaaaaaa%20", "\"aaaaaaaa\"",
    ])
    func `another id is refused`(_ id: String) throws {
        #expect(throws: Refusal.badPublisherID) { try Self.identity(["X-Publisher-ID: \(id)"]) }
    }

    @Test func `nothing is kept of an id and a key but a hash of one word`() throws {
        let secret = try Self.identity(["X-Publisher-ID: very-secret-id"], key: [77, 78, 79], stream: 1)
        let kept = Mirror(reflecting: secret).children.map { $0.value }
        #expect(kept.count == 2)
        #expect(kept.allSatisfy { $0 is Int || $0 is UInt64? })
    }
}
