// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import WireFormat

/// The URLs that carry a key or a signed link. Pure.
///
/// Pages get the credential after `#`, which browsers never send. Everything else can get it only in the query.
struct AccessLink {
    /// The URL at which clients reach the server.
    let base: PublicURL
    /// A key or a token, both of characters that need no escaping in a URL; nil if none is needed.
    let credential: String?

    /// Returns the URL of the page that sends this device's camera. Without a name the page asks for one.
    func cameraPage(_ camera: String?) -> String {
        "\(base)/camera" + (camera.map { "?camera=\($0)" } ?? "") + fragment
    }

    /// Returns the URL of the page that shows one camera.
    func watchPage(_ camera: String) -> String { "\(base)/watch/\(camera)" + fragment }

    /// The URL of the wall, the page that shows all cameras.
    var wall: String { "\(base)/" + fragment }

    /// Returns the URL of a route without a page: `stream`, `snapshot`, `upload`.
    func raw(_ route: String, _ camera: String) -> String {
        "\(base)/\(route)/\(camera)" + (credential.map { "?key=\($0)" } ?? "")
    }

    private var fragment: String { credential.map { "#key=\($0)" } ?? "" }
}

extension PublicURL {
    /// Guesses the URL if none is configured: from the first address for TLS, or without TLS from the first plain one.
    ///
    /// - Parameter host: this machine's address, for a server that listens on every address.
    init?(guessedFrom configuration: Configuration, host: String?) {
        let tls = configuration.tls.addresses
        let wanted = tls.isEmpty ? configuration.listen : tls
        let scheme = tls.isEmpty ? "http" : "https"
        for case .internet(let address, let port) in wanted where port != 0 {
            self.init(scheme: scheme, address: address, port: port, host: host)
            return
        }
        // No TCP port is known, as with systemd's sockets, whose addresses are in its units. The package's units use
        // the defaults.
        self.init(scheme: scheme, address: .everyAddress, port: tls.isEmpty ? 30333 : 30443, host: host)
    }

    /// Creates the URL of a server that listens on `address`; with `host`, or else `localhost`, if that is every
    /// address.
    init?(scheme: String, address: IPAddress, port: UInt16, host: String?) {
        let isEvery = address == .everyAddress || address == .v4(0, 0, 0, 0)
        let text = isEvery ? host ?? "localhost" : "\(address)"
        let authority = text.contains(":") ? "[\(text)]" : text
        guard let url = try? PublicURL(parsing: "\(scheme)://\(authority):\(port)") else { return nil }
        self = url
    }
}
