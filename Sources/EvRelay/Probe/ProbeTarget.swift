// SPDX-License-Identifier: MIT
import LibEvent
import System
import WireFormat

/// The relay that a probe asks.
struct ProbeTarget: Equatable, Sendable {
    /// The relay's address; the host may be a name.
    let address: ClientAddress
    /// True for https, false for http.
    let isSecure: Bool
    /// The value of the Host field.
    let authority: String
    /// The path of the relay's root, with a slash at both ends.
    let prefix: String
    /// The target as text: a URL, or `unix:/run/evrelay.sock`.
    let description: String

    /// Creates the target for a URL.
    init(_ url: DoctorTarget) {
        address = .tcp(host: url.host, port: url.port)
        isSecure = url.isSecure
        authority = url.authority
        prefix = url.prefix
        description = url.description
    }

    /// Creates the target for the relay on this machine that was started with these settings: its first address without
    /// TLS, or else its first with TLS. Nil if all of them are left to systemd or to the kernel.
    init?(_ configuration: Configuration) {
        let plain = configuration.listen.lazy.compactMap { Self($0, isSecure: false) }.first
        let secure = configuration.tls.addresses.lazy.compactMap { Self($0, isSecure: true) }.first
        guard let found = plain ?? secure else { return nil }
        self = found
    }

    private init?(_ listen: ListenAddress, isSecure: Bool) {
        switch listen {
        case .internet(_, port: 0), .systemd: return nil
        case .internet(let host, let port):
            // A socket for every address accepts IPv4 too.
            let isEverywhere = host == .everyAddress || host == .v4(0, 0, 0, 0)
            address = .tcp(host: "\(isEverywhere ? .loopback : host)", port: port)
            authority = address.description
            description = "\(isSecure ? "https" : "http")://\(authority)/"
        case .unix(let path):
            address = .unix(path: path)
            authority = "localhost"
            description = address.description
        }
        self.isSecure = isSecure
        prefix = "/"
    }

    /// The host name for the TLS handshake.
    var serverName: String {
        guard case .tcp(let host, _) = address else { return authority }
        return host
    }
}
