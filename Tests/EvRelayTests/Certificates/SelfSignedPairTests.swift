// SPDX-License-Identifier: MIT
import Crypto
import LibEvent
import Testing
import WireFormat

@testable import EvRelay

@Suite struct SelfSignedPairTests {
    private let state = TemporaryState()
    private let names: CertificateNames
    private let now: Int64 = 1_800_000_000
    private let day: Int64 = 86_400

    init() throws {
        names = try CertificateNames(hostName: "attic", addresses: ["192.0.2.7"])
    }

    private func obtain(days: Int = 825, isRenewing: Bool = false, at time: Int64) throws -> SelfSignedPair {
        try SelfSignedPair.obtain(in: state.path, for: names, days: days, isRenewing: isRenewing, nowSeconds: time)
    }

    @Test func `a pair is made once and kept`() throws {
        let first = try obtain(at: now)
        let second = try obtain(at: now)
        #expect((first.outcome, second.outcome) == (.made, .kept))
        #expect(first.pair.fingerprint == second.pair.fingerprint)
        #expect(first.pair.begins == now - day)
        #expect(first.pair.expires == now - day + 825 * day)
        #expect(state.names == ["tls-certificate.pem", "tls-key.pem"])
    }

    @Test func `a pair is renewed from thirty days before its end on`() throws {
        let first = try obtain(days: 60, at: now)
        let renewal = first.pair.expires - 30 * day
        #expect(try obtain(at: renewal - 1).outcome == .kept)
        let second = try obtain(at: renewal)
        #expect(second.outcome == .renewed)
        #expect(second.pair.fingerprint != first.pair.fingerprint)
        #expect(try obtain(at: renewal).outcome == .kept)
        #expect(try obtain(at: second.pair.expires + 1).outcome == .renewed)
    }

    @Test func `the shortest pair is not renewed by the next start`() throws {
        _ = try obtain(days: SelfSignedPair.acceptedDays.lowerBound, at: now)
        #expect(try obtain(at: now + day).outcome == .kept)
    }

    @Test func `a new pair is made if one is asked for`() throws {
        let first = try obtain(at: now)
        let second = try obtain(isRenewing: true, at: now)
        #expect(second.outcome == .made)
        #expect(second.pair.fingerprint != first.pair.fingerprint)
        #expect(try obtain(at: now).pair.fingerprint == second.pair.fingerprint)
    }

    @Test(arguments: ["tls-certificate.pem", "tls-key.pem"])
    func `half a pair, or a damaged one, is named and left alone`(_ name: String) throws {
        _ = try obtain(at: now)
        try state.write(Array("not PEM".utf8), name)
        let error = #expect(throws: ConfigurationError.self) { try obtain(at: now) }
        #expect(error?.exitStatus == 78)
        #expect(error?.message.contains("\(state.path)/\(name)") == true)
        #expect(error?.message.contains("evrelay certificate --renew") == true)
        #expect(try state.read(name) == Array("not PEM".utf8))
        #expect(try obtain(isRenewing: true, at: now).outcome == .made)
    }

    @Test func `a key of another certificate is refused`() throws {
        _ = try obtain(at: now)
        let key = try state.read("tls-key.pem")
        _ = try obtain(isRenewing: true, at: now)
        try state.write(key, "tls-key.pem")
        let error = #expect(throws: ConfigurationError.self) { try obtain(at: now) }
        #expect(error?.message.contains("does not belong to the certificate") == true)
    }

    @Test func `a key that others may read is refused`() throws {
        _ = try obtain(at: now)
        try state.write(try state.read("tls-key.pem"), "tls-key.pem", mode: 0o604)
        let error = #expect(throws: ConfigurationError.self) { try obtain(at: now) }
        #expect(error?.message.contains("chmod o-rwx") == true)
    }
}

@Suite struct CertificateNamesTests {
    private func texts(_ wanted: [String] = [], host: String?, _ addresses: [String] = []) throws -> [String] {
        try CertificateNames(wanted: wanted, hostName: host, addresses: addresses).all.map(\.text)
    }

    @Test func `a machine has its name, its name for phones, and its addresses`() throws {
        #expect(
            try texts(host: "Attic", ["192.0.2.7", "2001:db8::7"])
                == ["attic", "attic.local", "localhost", "127.0.0.1", "::1", "192.0.2.7", "2001:db8::7"])
        #expect(try texts(host: "cam.example.org") == ["cam.example.org", "localhost", "127.0.0.1", "::1"])
    }

    @Test(arguments: [nil, "", "no name", "a,b", "имя"]) func `a host name that is none is left out`(_ host: String?)
        throws
    {
        #expect(try texts(host: host) == ["localhost", "127.0.0.1", "::1"])
    }

    @Test func `wanted names come first and stand there once`() throws {
        #expect(
            try texts(["CAM.example.org", "192.0.2.9", "attic", "2001:DB8:0::1"], host: "attic", ["192.0.2.9"])
                == [
                    "cam.example.org", "attic", "attic.local", "localhost", "192.0.2.9", "2001:db8::1", "127.0.0.1",
                    "::1",
                ])
    }

    @Test(arguments: ["", "a b", "[::1]", "https://a", "a,b", "1.2.3.4/8", "кам"])
    func `a wanted name that is none is an error`(_ text: String) {
        #expect(throws: ValueError.self) { try texts([text], host: "attic") }
    }

    @Test func `of very many addresses the first are taken`() throws {
        let addresses = (0..<200).map { "192.0.2.\($0)" }
        #expect(try texts(host: "attic", addresses).count == 5 + CertificateNames.maxAddresses)
    }

    @Test func `the title fits into a certificate`() throws {
        let long = String(repeating: "x", count: 200)
        #expect(try CertificateNames(hostName: long, addresses: []).title.count == 64)
        #expect(try CertificateNames(hostName: nil, addresses: []).title == "EvRelay localhost")
    }
}
