// SPDX-License-Identifier: MIT
import Crypto
import Testing

@Suite struct DigestTests {
    @Test func `the example of RFC 6455`() throws {
        #expect(try Digest.webSocketAccept(key: "dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test func `another key gives another answer of 28 characters`() throws {
        let other = try Digest.webSocketAccept(key: "x3JJHMbDL1EzLkh9GBhXDw==")
        // The example that most descriptions of the protocol use.
        #expect(other == "HSmrc0sMlYUkAGmm5OPpG2HaGWk=")
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func `base64 as in RFC 4648`(text: String, encoded: String) {
        #expect(Digest.base64(Array(text.utf8)) == encoded)
    }
}
