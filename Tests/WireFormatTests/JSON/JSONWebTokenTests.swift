// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import WireFormat

@Suite struct JSONWebTokenTests {
    private static let example =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ"
        + ".SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"

    private func read(_ text: String, maxBytes: Int = 4096) throws(JSONWebTokenError) -> JSONWebToken {
        try JSONWebToken(Array(text.utf8).span, maxBytes: maxBytes, maxDepth: 4)
    }

    private func part(_ json: String) -> String { Base64URL.encode(Array(json.utf8)) }

    @Test func `a token that the whole world uses as its example`() throws {
        let token = try read(Self.example)
        #expect(token.header.text("alg") == "HS256")
        #expect(token.header.text("typ") == "JWT")
        let claims = try token.claims()
        #expect(claims.text("sub") == "1234567890")
        #expect(claims.integer("iat") == 1_516_239_022)
        #expect(token.signature.count == 32)
        #expect(
            String(decoding: token.signingInput, as: UTF8.self) == String(Self.example.prefix { $0 != "." })
                + Self.example.drop { $0 != "." }.prefix(75))
    }

    @Test func `what is put together is what was taken apart`() throws {
        let token = try read(Self.example)
        #expect(JSONWebToken.compact(signingInput: token.signingInput, signature: token.signature) == Self.example)
        let header = JSONText.object { $0.member("alg", "HS256") }
        let claims = JSONText.object { json in
            json.member("exp", 4_000_000_000)
            json.array("rights") { $0.element("view") }
        }
        let input = JSONWebToken.signingInput(header: header, claims: claims)
        let made = try read(JSONWebToken.compact(signingInput: input, signature: [1, 2, 3]))
        #expect(made.signingInput == input)
        #expect(made.signature == [1, 2, 3])
        #expect(try made.claims().texts("rights") == ["view"])
        #expect(try made.claims().number("exp") == 4e9)
    }

    @Test func `a token has three parts, each in base64url without padding`() throws {
        let (header, claims) = (part("{}"), part("{}"))
        #expect(throws: Never.self) { try read("\(header).\(claims).AQ") }
        for text in ["", ".", "\(header).\(claims)", "\(header).\(claims).AQ.", "\(header).\(claims).AQ.AQ"] {
            #expect(throws: JSONWebTokenError.notThreeParts, "\(text)") { try read(text) }
        }
        for text in [
            "\(header).\(claims).", "\(header).\(claims).AQ==", "\(header)=.\(claims).AQ", "\(header).\(claims)=.AQ",
            "\(header).\(claims).AR", "\(header).\(claims).A", "\(header).\(claims).+/+/", " \(header).\(claims).AQ",
            "\(header).\(claims).AQ\n",
        ] {
            #expect(throws: JSONWebTokenError.notBase64URL, "\(text)") { try read(text) }
        }
    }

    @Test
    func `a header that is no object with each member once is refused at once, such claims when they are asked for`()
        throws
    {
        for json in [
            "", "[]", "1", "null", "{", #"{"alg":"HS256","alg":"none"}"#, #"{"a":{"b":{"c":{"d":{}}}}}"#, "\u{FEFF}{}",
        ] {
            #expect(throws: JSONWebTokenError.badHeader, "\(json)") { try read("\(part(json)).\(part("{}")).AQ") }
            let token = try read("\(part("{}")).\(part(json)).AQ")
            #expect(throws: JSONWebTokenError.badClaims, "\(json)") { try token.claims() }
        }
    }

    @Test func `a token may be as long as the limit and no longer`() throws {
        let count = Self.example.utf8.count
        #expect(throws: Never.self) { try read(Self.example, maxBytes: count) }
        #expect(throws: JSONWebTokenError.tooLong(limitBytes: count - 1)) {
            try read(Self.example, maxBytes: count - 1)
        }
    }

    @Test func `printed it shows nothing`() throws {
        #expect("\(try read(Self.example))" == "JSON Web Token")
    }

    @Test func `a token cut anywhere or changed at random does no harm`() {
        let bytes = Array(Self.example.utf8)
        for count in bytes.indices { _ = try? read(String(decoding: bytes[..<count], as: UTF8.self)) }
        var random = SeededGenerator(seed: 7519)
        for _ in 0..<2_000 {
            var changed = bytes
            changed[Int(random.next() % UInt64(bytes.count))] = UInt8(random.next() % 128)
            _ = try? read(String(decoding: changed, as: UTF8.self)).claims()
        }
    }
}
