// SPDX-License-Identifier: MIT
import Crypto
import System
import Testing

@Suite struct SelfSignedCertificateTests {
    private static let names: [SelfSignedCertificate.Name] = [
        .host("attic"), .host("cam.example.org"), .address("127.0.0.1"), .address("2001:db8::7"),
    ]

    private func make(_ names: [SelfSignedCertificate.Name] = names) throws -> SelfSignedCertificate.Pair {
        try SelfSignedCertificate.make(for: names, title: "EvRelay attic", begins: 1_000_000, expires: 70_000_000)
    }

    @Test func `the certificate has its names and its time, and the key fits`() throws {
        let files = try make()
        let pair = try TLSPair(certificate: files.certificate, key: files.key)
        #expect(pair.names == ["attic", "cam.example.org", "127.0.0.1", "2001:db8::7"])
        #expect(pair.begins == 1_000_000)
        #expect(pair.expires == 70_000_000)
        #expect(String(decoding: files.key, as: UTF8.self).hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
    }

    @Test func `no two are alike`() throws {
        let (one, two) = (try make(), try make())
        #expect(one.key != two.key)
        #expect(one.certificate != two.certificate)
        #expect(throws: TLSError.self) { try TLSPair(certificate: one.certificate, key: two.key) }
    }

    @Test func `a hundred names fit`() throws {
        let names = (0..<100).map { SelfSignedCertificate.Name.host("a-rather-long-name-\($0).cameras.example.org") }
        let files = try make(names + [.address("127.0.0.1")])
        #expect(try TLSPair(certificate: files.certificate, key: files.key).names.count == 101)
    }

    @Test(
        arguments: [
            [], [.host("attic")], [.address("127.0.0.1")], [.host(""), .address("127.0.0.1")],
            [.host("attic,IP:192.0.2.1"), .address("127.0.0.1")], [.host("attic"), .address("127.0.0.1/0")],
            [.host("attic"), .address("attic")], [.host("dachboden.кам"), .address("127.0.0.1")],
            [.host("a b"), .address("127.0.0.1")],
        ] as [[SelfSignedCertificate.Name]])
    func `what is no name gets no certificate`(_ names: [SelfSignedCertificate.Name]) {
        #expect(throws: SystemError.self) { try make(names) }
    }

    @Test func `a title too long for a certificate is an error`() {
        #expect(throws: SystemError.self) {
            try SelfSignedCertificate.make(
                for: Self.names, title: String(repeating: "x", count: 65), begins: 0, expires: 1)
        }
    }
}
