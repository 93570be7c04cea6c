// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import WireFormat

@Suite struct Base64URLTests {
    private func decode(_ text: String) -> [UInt8]? { Base64URL.decode(Array(text.utf8).span) }

    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
        ("foobar", "Zm9vYmFy"),
    ])
    func `the examples of RFC 4648 without their padding`(text: String, encoded: String) {
        #expect(Base64URL.encode(Array(text.utf8)) == encoded)
        #expect(decode(encoded) == Array(text.utf8))
    }

    @Test func `the two characters for URLs`() {
        #expect(Base64URL.encode([0xFB, 0xFF, 0xFE]) == "-__-")
        #expect(decode("-__-") == [0xFB, 0xFF, 0xFE])
    }

    @Test func `any bytes come back, whatever their number`() {
        var random = SeededGenerator(seed: 4648)
        for count in 0..<200 {
            let bytes = (0..<count).map { _ in UInt8(random.next() % 256) }
            let text = Base64URL.encode(bytes)
            #expect(text.utf8.count == (count * 4 + 2) / 3)
            #expect(decode(text) == bytes)
        }
    }

    @Test(arguments: [
        "Z", "Zm9vY", "Zg=", "Zg==", "Zm8=", "Zm9v=", "=", "Zm+v", "Zm/v", "Zm9v ", " Zm9v", "Zm\n9v", "Zm.9", "Zmé",
    ])
    func `padding, blanks, the other alphabet and impossible lengths are refused`(text: String) {
        #expect(decode(text) == nil)
    }

    @Test func `of all texts for the same bytes one alone is read`() {
        // The last character of these texts has four or two unused bits.
        let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        #expect(digits.count { decode("Z\($0)") == Array("f".utf8) } == 1)
        #expect(digits.count { decode("Z\($0)") != nil } == 4)
        #expect(digits.count { decode("Zm\($0)") != nil } == 16)
    }
}
