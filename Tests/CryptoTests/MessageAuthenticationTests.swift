// SPDX-License-Identifier: MIT
import Crypto
import Testing

@Suite struct MessageAuthenticationTests {
    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    @Test(arguments: [
        (
            [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131),
            Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ])
    func `the examples of RFC 4231`(key: [UInt8], message: [UInt8], code: String) throws {
        #expect(Self.hexadecimal(try MessageAuthentication.hmacSHA256(key: key, message: message)) == code)
    }

    @Test func `an empty key is an empty key, and not the one of the call before`() throws {
        let code = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"
        for before in [[], [1, 2, 3], [UInt8](repeating: 7, count: 100)] {
            _ = try MessageAuthentication.hmacSHA256(key: before, message: [9])
            #expect(Self.hexadecimal(try MessageAuthentication.hmacSHA256(key: [], message: [])) == code)
        }
    }

    @Test func `bytes are the same if every one of them is`() {
        let bytes = [UInt8](0..<32)
        #expect(MessageAuthentication.isSame(bytes, bytes))
        #expect(MessageAuthentication.isSame([], []))
        for place in bytes.indices {
            for bit in 0..<8 {
                var other = bytes
                other[place] ^= 1 << UInt8(bit)
                #expect(!MessageAuthentication.isSame(bytes, other))
            }
        }
        #expect(!MessageAuthentication.isSame(bytes, Array(bytes.dropLast())))
        #expect(!MessageAuthentication.isSame([], [0]))
    }

    @Test func `random bytes have the wanted number and do not come twice`() {
        #expect(RandomBytes.make(0).isEmpty)
        #expect(RandomBytes.make(-1).isEmpty)
        #expect(RandomBytes.make(33).count == 33)
        #expect(Set((0..<1_000).map { _ in RandomBytes.make(16) }).count == 1_000)
        #expect(Set(RandomBytes.make(10_000)).count == 256)
    }
}
