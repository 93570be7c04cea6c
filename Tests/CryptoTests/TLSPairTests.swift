// SPDX-License-Identifier: MIT
import TestSupport
import Testing

@testable import Crypto

@Suite struct TLSPairTests {
    private func make(_ name: String = "attic", begins: Int64 = 1, expires: Int64 = 2) throws
        -> SelfSignedCertificate.Pair
    {
        try SelfSignedCertificate.make(
            for: [.host(name), .address("127.0.0.1")], title: name, begins: begins, expires: expires)
    }

    private func failure(_ certificate: [UInt8], _ key: [UInt8]) -> TLSError? {
        do throws(TLSError) {
            _ = try TLSPair(certificate: certificate, key: key)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a pair whose time is over is read all the same`() throws {
        let files = try make(begins: 1, expires: 2)
        let pair = try TLSPair(certificate: files.certificate, key: files.key)
        #expect((pair.begins, pair.expires) == (1, 2))
        #expect(pair.chain.isEmpty)
        #expect(pair.fingerprint.split(separator: ":").count == 32)
    }

    @Test func `the chain follows its certificate, with anything between`() throws {
        let (files, issuer, root) = (try make(), try make("issuer"), try make("root"))
        let text = Array("\nissuer:\n".utf8)
        let pair = try TLSPair(
            certificate: files.certificate + text + issuer.certificate + text + root.certificate + text,
            key: text + files.key)
        #expect(pair.names.first == "attic")
        #expect(pair.chain.count == 2)
        #expect(failure(issuer.certificate + files.certificate, files.key)?.part == .key)
    }

    /// The damage was treated as the end of the file: clients then miss an issuer, and no error is reported.
    @Test func `a chain with a damaged certificate is refused, wherever it is damaged`() throws {
        let (files, issuer) = (try make(), try make("issuer"))
        for place in [30, 200, issuer.certificate.count - 4] {
            var damaged = issuer.certificate
            damaged[place] = UInt8(ascii: "!")
            let error = try #require(failure(files.certificate + damaged, files.key), "damaged at \(place)")
            #expect(error.part == .certificate)
            #expect(error.description.hasPrefix("certificate 2 of its chain is damaged"))
        }
        let cut = issuer.certificate.prefix(issuer.certificate.count / 2)
        #expect(failure(files.certificate + cut, files.key)?.part == .certificate)
    }

    @Test func `the half that is at fault is named`() throws {
        let (files, other) = (try make(), try make())
        #expect(failure(files.certificate, other.key) == TLSError(.key, "it does not belong to the certificate"))
        #expect(failure(files.certificate, Array(Self.encryptedKey.utf8))?.part == .key)
        for garbage in [[], [0], Array("-----BEGIN CERTIFICATE-----".utf8), files.key] as [[UInt8]] {
            #expect(failure(garbage, files.key)?.part == .certificate)
        }
        for garbage in [[], [0], Array("-----BEGIN PRIVATE KEY-----".utf8), files.certificate] as [[UInt8]] {
            #expect(failure(files.certificate, garbage)?.part == .key)
        }
    }

    /// An unused key, with a passphrase.
    private static let encryptedKey = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAj0BIBUwHagPAICCAAw
        DAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEEMsowNx3eIc5G0y6+gLujz4EgZCB
        itZVBbkCjckoTG/r4AZuNYn2c49tIj1nZdu1WwkW8irgL0iGyyT6EfzIGneMYd/q
        uAGyXhzhdkyjejZ54wE/eBxXL3LoMNF6i7JdxbLTOdTTd61RWtHhRfEmPe3ULrE6
        PiMGC7aL873Q/lTvG7SPQxv9A3hpr4qG0e44gqm5+x7nQwfdF2ERvdeuyQ8+FL8=
        -----END ENCRYPTED PRIVATE KEY-----

        """
}
