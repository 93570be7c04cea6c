// SPDX-License-Identifier: MIT
import Crypto
import LibEvent
import System

/// Pairs that no client trusts.
enum TestPairs {
    static func make(_ names: String...) throws -> TLSPair {
        let now = SystemClock.nowMicroseconds() / 1_000_000
        let files = try SelfSignedCertificate.make(
            for: names.map { .host($0) } + [.address("127.0.0.1")], title: "test", begins: now - 60,
            expires: now + 86_400)
        return try TLSPair(certificate: files.certificate, key: files.key)
    }

    /// Creates a switch with one pair.
    static func makeSwitch() throws -> TLSSwitch { TLSSwitch(try TLSServerContext([make("localhost")])) }
}
