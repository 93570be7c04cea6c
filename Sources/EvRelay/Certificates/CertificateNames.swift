// SPDX-License-Identifier: MIT
import Crypto
import LibEvent
import System
import WireFormat

/// The names and addresses that a certificate of this machine is for.
struct CertificateNames: Equatable {
    /// Each name once: host names first, then addresses.
    let all: [SelfSignedCertificate.Name]
    /// The title by which devices list the certificate.
    let title: String

    /// The most addresses of the machine. One with many interfaces needs no certificate of many kilobytes.
    static let maxAddresses = 32
    /// The longest title of a certificate, in characters (RFC 5280 appendix A.1).
    private static let maxTitle = 64

    /// - Parameters:
    ///   - wanted: names and addresses in addition to the machine's own.
    ///   - hostName: the name of the machine; left out if it is not a name of the Domain Name System.
    ///   - addresses: IP addresses in digits.
    /// - Throws: if one of `wanted` is neither a host name nor an address.
    init(wanted: [String] = [], hostName: String?, addresses: [String]) throws(ValueError) {
        var names: [SelfSignedCertificate.Name] = []
        for text in wanted { names.append(try Self.name(text)) }
        let host = hostName.flatMap { try? HostName.parse($0) }
        if let host {
            names.append(.host(host))
            // By this name phones and other machines find it without a name server (RFC 6762).
            if !host.contains(".") { names.append(.host("\(host).local")) }
        }
        names.append(.host("localhost"))
        for address in ["127.0.0.1", "::1"] + addresses.prefix(Self.maxAddresses) { names.append(.address(address)) }
        var seen: Set<SelfSignedCertificate.Name> = []
        names = names.filter { seen.insert($0).inserted }
        all = names.filter(\.isHost) + names.filter { !$0.isHost }
        title = String("EvRelay \(host ?? "localhost")".prefix(Self.maxTitle))
    }

    /// Returns the names of this machine.
    static func ofThisMachine(wanted: [String] = []) throws(ValueError) -> CertificateNames {
        try CertificateNames(wanted: wanted, hostName: ProcessControl.hostName, addresses: HostAddresses.all())
    }

    /// Parses a host name, or an address in digits.
    static func name(_ text: String) throws(ValueError) -> SelfSignedCertificate.Name {
        if let address = IPAddress(v4: text) ?? IPAddress(v6: text) { return .address("\(address)") }
        return .host(try HostName.parse(text))
    }
}

extension SelfSignedCertificate.Name {
    fileprivate var isHost: Bool { if case .host = self { true } else { false } }

    /// The name in the form that `TLSPair` reads from a certificate.
    var text: String {
        switch self {
        case .host(let name): name
        case .address(let digits): digits
        }
    }
}
