// SPDX-License-Identifier: MIT
import LibEvent

/// Whom a certificate of this machine is for.
struct CertificateNames: Equatable {
    /// Each once: names first, then addresses.
    let all: [SelfSignedCertificate.Name]
    /// What devices list it as.
    let title: String

    /// A machine with many interfaces needs no certificate of many kilobytes.
    static let maxAddresses = 32
    /// What a certificate's title may have (RFC 5280 appendix A.1).
    private static let maxTitle = 64

    /// - Parameters:
    ///   - wanted: names and addresses beside the machine's own.
    ///   - hostName: what the machine is called; left out where it is no name of the Domain Name System.
    ///   - addresses: in digits.
    init(wanted: [String] = [], hostName: String?, addresses: [String]) throws(ValueError) {
        var names: [SelfSignedCertificate.Name] = []
        for text in wanted { names.append(try Self.name(text)) }
        let host = hostName.flatMap { try? HostName.parse($0) }
        if let host {
            names.append(.host(host))
            // By this one phones and other machines find it without a name server (RFC 6762).
            if !host.contains(".") { names.append(.host("\(host).local")) }
        }
        names.append(.host("localhost"))
        for address in ["127.0.0.1", "::1"] + addresses.prefix(Self.maxAddresses) { names.append(.address(address)) }
        var seen: Set<SelfSignedCertificate.Name> = []
        names = names.filter { seen.insert($0).inserted }
        all = names.filter(\.isHost) + names.filter { !$0.isHost }
        title = String("EvRelay \(host ?? "localhost")".prefix(Self.maxTitle))
    }

    /// This machine's.
    static func ofThisMachine(wanted: [String] = []) throws(ValueError) -> CertificateNames {
        try CertificateNames(wanted: wanted, hostName: ProcessControl.hostName, addresses: HostAddresses.all())
    }

    /// Reads a name, or an address in digits.
    static func name(_ text: String) throws(ValueError) -> SelfSignedCertificate.Name {
        if let address = IPAddress(v4: text) ?? IPAddress(v6: text) { return .address("\(address)") }
        return .host(try HostName.parse(text))
    }
}

extension SelfSignedCertificate.Name {
    fileprivate var isHost: Bool { if case .host = self { true } else { false } }

    /// As it stands in a certificate that was read.
    var text: String {
        switch self {
        case .host(let name): name
        case .address(let digits): digits
        }
    }
}
