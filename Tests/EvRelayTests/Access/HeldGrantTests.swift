// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@testable import EvRelay

/// The grants of lasting requests, after a reload and over time.
@Suite struct HeldGrantTests {
    private static let key = "abcdefghijklmnop"

    private static func held(
        _ basis: Grant.Basis, _ right: Right = .view, _ camera: String = "door"
    ) throws -> HeldGrant {
        HeldGrant(
            grant: Grant(basis: basis, rights: [right], cameras: [.every]), right: right,
            camera: try AccessFixture.camera(camera))
    }

    private static func reason(_ access: AccessControl, _ held: HeldGrant, at microseconds: Int64 = 0) -> String? {
        access.refusal(of: held, nowMicroseconds: microseconds, FailureGuard())?.reason.rawValue
    }

    @Test func `what was open goes on while it is open`() throws {
        let open = try AccessFixture.control()
        let closed = try AccessFixture.control(keys: ["\(Self.key) publish,view *"]) { $0.access.isPrivate = true }
        for toThisMachine in [true, false] {
            let view = try Self.held(.open(toThisMachine: toThisMachine))
            #expect(Self.reason(open, view) == nil)
            #expect(Self.reason(closed, view) == "key-required")
        }
        let publish = try Self.held(.open(toThisMachine: true), .publish)
        #expect(Self.reason(open, publish) == nil)
        #expect(Self.reason(closed, publish) == "key-required")
        #expect(try Self.reason(open, Self.held(.open(toThisMachine: false), .publish)) == "key-required")
    }

    @Test func `what lives by a key ends when the key, its right or its camera is gone`() throws {
        let held = try Self.held(.key(try #require(CredentialDigest(of: Self.key))))
        for (line, reason) in [
            ("\(Self.key) view *", nil), ("\(Self.key) view,publish do* moved", nil),
            ("\(Self.key) publish *", "right-missing"), ("\(Self.key) view garden", "right-missing"),
            ("\(Self.key)x view *", "key-wrong"), ("", "key-wrong"),
        ] as [(String, String?)] {
            #expect(Self.reason(try AccessFixture.control(keys: [line]), held) == reason, "\(line)")
        }
    }

    @Test func `what lives by a link ends with it, and with the secret`() throws {
        let secret = try AccessFixture.secret()
        let digest = try #require(CredentialDigest(of: "token"))
        let end: Int64 = 1_767_229_200_000_000
        let held = try Self.held(.token(digest, secret: secret.fingerprint, expiresMicroseconds: end))
        let access = try AccessFixture.control(secret: secret)
        #expect(access.end(of: held.grant) == end + 30_000_000)
        #expect(Self.reason(access, held, at: end + 29_999_999) == nil)
        #expect(Self.reason(access, held, at: end + 30_000_000) == "token-expired")
        let strict = try AccessFixture.control(secret: secret) { $0.access.tokenLeeway = .zero }
        #expect(Self.reason(strict, held, at: end) == "token-expired")
        let other = try AccessFixture.control(secret: AccessFixture.secret(String(repeating: "s", count: 32)))
        #expect(Self.reason(other, held) == "token-invalid")
        #expect(Self.reason(try AccessFixture.control(), held) == "token-invalid")
    }

    @Test func `what needs no link does not end by itself`() throws {
        let access = try AccessFixture.control(keys: ["\(Self.key) view *"])
        let digest = try #require(CredentialDigest(of: Self.key))
        for basis in [Grant.Basis.open(toThisMachine: false), .key(digest)] {
            #expect(access.end(of: try Self.held(basis).grant) == .max)
        }
    }

    @Test func `what is left to the next process is what a viewer lives by`() throws {
        let digest = try #require(CredentialDigest(of: "a"))
        let secret = try #require(CredentialDigest(of: "b"))
        for basis in [
            Grant.Basis.open(toThisMachine: false), .open(toThisMachine: true), .key(digest),
            .token(digest, secret: secret, expiresMicroseconds: 1_767_229_200_000_000),
        ] {
            var writer = RecordWriter()
            basis.write(to: &writer)
            var reader = RecordReader(writer.bytes)
            #expect(try Grant.Basis(&reader) == basis)
            #expect(reader.isAtEnd)
            for count in 0..<writer.bytes.count {
                var cut = RecordReader(Array(writer.bytes[..<count]))
                #expect(throws: RecordError.self) { try Grant.Basis(&cut) }
            }
        }
        var unknown = RecordWriter()
        unknown.put(9)
        var reader = RecordReader(unknown.bytes)
        #expect(throws: RecordError.self) { try Grant.Basis(&reader) }
    }
}
