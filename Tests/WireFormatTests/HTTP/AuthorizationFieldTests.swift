// SPDX-License-Identifier: MIT
import Crypto
import LibEvent
import TestSupport
import Testing

@testable import WireFormat

@Suite struct AuthorizationFieldTests {
    private func read(_ value: String, maxSecretBytes: Int = 64) -> AuthorizationField {
        AuthorizationField(value, maxSecretBytes: maxSecretBytes)
    }

    private func basic(_ text: String, maxSecretBytes: Int = 64) -> AuthorizationField {
        read("Basic " + Digest.base64(Array(text.utf8)), maxSecretBytes: maxSecretBytes)
    }

    @Test(arguments: ["Bearer abc", "bearer abc", "BEARER   abc"])
    func `a bearer's token, whatever the case of the scheme`(value: String) {
        #expect(read(value) == .bearer("abc"))
    }

    @Test func `a token may hold what RFC 6750 allows and nothing else`() {
        #expect(read("Bearer aZ0-._~+/==") == .bearer("aZ0-._~+/=="))
        for text in ["", " ", "=", "a b", "a=b", "a,b", "a\"", "a;", "ä", "a\u{0}"] {
            #expect(read("Bearer \(text)") == .malformed, "\(text)")
        }
    }

    @Test func `a token may be as long as the limit and no longer`() {
        #expect(read("Bearer " + String(repeating: "a", count: 64)) == .bearer(String(repeating: "a", count: 64)))
        #expect(read("Bearer " + String(repeating: "a", count: 65)) == .malformed)
    }

    @Test func `user name and password of the example in RFC 7617`() throws {
        guard case .basic(let credentials) = read("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==") else {
            Issue.record("no credentials")
            return
        }
        #expect(credentials.user == "Aladdin")
        #expect(credentials.password == "open sesame")
    }

    @Test(arguments: [
        ("a:b", "a", "b"), (":b", "", "b"), ("a:", "a", ""), ("a:b:c", "a", "b:c"), ("é:ключ", "é", "ключ"),
    ])
    func `the first colon separates`(text: String, user: String, password: String) {
        guard case .basic(let credentials) = basic(text) else {
            Issue.record("no credentials")
            return
        }
        #expect(credentials.user == user)
        #expect(credentials.password == password)
    }

    @Test func `a password may be as long as the limit and no longer, and a user name as long as 256 bytes`() {
        func isRead(_ text: String) -> Bool { if case .basic = basic(text) { true } else { false } }
        let (secret, user) = (String(repeating: "s", count: 64), String(repeating: "u", count: 256))
        #expect(isRead("\(user):\(secret)"))
        #expect(!isRead("\(user):\(secret)s"))
        #expect(!isRead("\(user)u:\(secret)"))
        #expect(!isRead("\(user):" + String(repeating: "s", count: 100_000)))
    }

    @Test(arguments: [
        "Basic", "Basic ", "Basic =", "Basic ====", "Basic YQ==", "Basic YTpi=", "Basic YTpi ", "Basic YTp",
        "Basic YTpiYw",
        "Basic YTpiYx==", "Basic YTo-", "Basic YTo_", "Basic YTpiAA==", "Basic YTr/", "Basic YTo=YTo=",
    ])
    func `what is no base64 with its padding of UTF-8 with a colon is malformed`(value: String) {
        #expect(read(value) == .malformed)
    }

    @Test(arguments: ["Digest username=\"a\"", "Negotiate YTpi", "abc", "", "Bearerabc", "Basicabc"])
    func `another scheme is none of ours`(value: String) {
        #expect(read(value) == .otherScheme)
    }

    @Test func `a head without the field brings nothing`() throws {
        func read(_ fields: String...) throws -> AuthorizationField? {
            let text = (["GET / HTTP/1.1", "Host: x"] + fields).joined(separator: "\r\n") + "\r\n\r\n"
            let head = try RequestHead.parse(Array(text.utf8).span, maxFields: 8)
            return AuthorizationField(head, maxSecretBytes: 64)
        }
        #expect(try read() == nil)
        #expect(try read("authorization: Bearer a") == .bearer("a"))
    }

    @Test func `printed it shows no secret`() {
        for field in [read("Bearer s3cret"), basic("user:s3cret")] {
            #expect(!"\(field)".contains("s3cret"))
            if case .basic(let credentials) = field { #expect(!"\(credentials)".contains("s3cret")) }
        }
    }

    @Test func `bytes at random do no harm`() {
        var random = SeededGenerator(seed: 7617)
        for scheme in ["Basic ", "Bearer ", ""] {
            for _ in 0..<2_000 {
                let bytes = (0..<Int(random.next() % 40)).map { _ in UInt8(0x20 + random.next() % 0x5F) }
                _ = read(scheme + String(decoding: bytes, as: UTF8.self))
            }
        }
    }
}
