// SPDX-License-Identifier: MIT
import LibEvent

/// The addresses under which a key or a signed link opens something. Pure.
///
/// Pages get it behind `#`, which browsers send nowhere; what is no page has no other place than the query.
struct AccessLink {
    /// Where clients reach the server.
    let base: PublicURL
    /// A key or a token; both consist of what may stand in a URL. Nil where none is needed.
    let credential: String?

    /// The page that sends this device's camera; it asks for the name where none is given.
    func cameraPage(_ camera: String?) -> String {
        "\(base)/camera" + (camera.map { "?camera=\($0)" } ?? "") + fragment
    }

    /// The page that shows one camera.
    func watchPage(_ camera: String) -> String { "\(base)/watch/\(camera)" + fragment }

    /// The page that shows all cameras.
    var wall: String { "\(base)/" + fragment }

    /// An address without a page around it: `stream`, `snapshot`, `upload`.
    func raw(_ route: String, _ camera: String) -> String {
        "\(base)/\(route)/\(camera)" + (credential.map { "?key=\($0)" } ?? "")
    }

    private var fragment: String { credential.map { "#key=\($0)" } ?? "" }
}

extension PublicURL {
    /// Where the server can be expected if nobody has said it: by its first address for TLS, otherwise without.
    ///
    /// - Parameter host: this machine's address, for a server that listens on all of them.
    init?(guessedFrom configuration: Configuration, host: String?) {
        let tls = configuration.tls.addresses
        let wanted = tls.isEmpty ? configuration.listen : tls
        let scheme = tls.isEmpty ? "http" : "https"
        for case .internet(let address, let port) in wanted where port != 0 {
            self.init(scheme: scheme, address: address, port: port, host: host)
            return
        }
        // systemd's sockets, whose addresses stand in its units: the package's are the defaults.
        self.init(scheme: scheme, address: .everyAddress, port: tls.isEmpty ? 30333 : 30443, host: host)
    }

    /// Where a server is reached that listens on `address`; this machine's `host` if that is every address.
    init?(scheme: String, address: IPAddress, port: UInt16, host: String?) {
        let isEvery = address == .everyAddress || address == .v4(0, 0, 0, 0)
        let text = isEvery ? host ?? "localhost" : "\(address)"
        let authority = text.contains(":") ? "[\(text)]" : text
        guard let url = try? PublicURL(parsing: "\(scheme)://\(authority):\(port)") else { return nil }
        self = url
    }
}
