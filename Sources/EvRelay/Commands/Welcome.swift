// SPDX-License-Identifier: MIT
import Cameras
import Crypto
import LibEvent
import System
import WireFormat

/// The text that `evrelay --tls-self-signed` shows in a terminal: how a phone becomes a camera.
struct Welcome {
    /// The camera page, with a link's token if one is needed.
    let url: String
    /// True if the URL has a token.
    let isSigned: Bool
    /// The fingerprint of the certificate (SHA-256).
    let fingerprint: String

    private static let linkSeconds: Int64 = 24 * 3600

    /// - Parameters:
    ///   - addresses: the addresses that the service listens on.
    ///   - nowMicroseconds: microseconds since 1970; the link is valid for 24 hours from then on.
    /// - Returns: nil if the certificate is not self-signed.
    init?(
        _ configuration: Configuration, _ addresses: [BoundAddress], _ pair: TLSPair?, secret: TokenSecret?,
        nowMicroseconds: Int64
    ) {
        guard configuration.tls.isSelfSigned, let pair,
            let base = configuration.publicURL ?? Self.base(addresses, pair)
        else { return nil }
        var token: String?
        if let secret, !configuration.isPublishingOpen {
            let claims = TokenClaims(
                rights: [.publish, .view], cameras: [.every],
                expiresMicroseconds: nowMicroseconds + Self.linkSeconds * 1_000_000)
            token = try? secret.sign(claims)
        }
        url = AccessLink(base: base, credential: token).cameraPage(nil)
        isSigned = token != nil
        fingerprint = pair.fingerprint
    }

    /// Returns the first address with TLS. For a server that listens on all addresses, it has the first address in the
    /// certificate that others can reach, else the first that they can reach.
    private static func base(_ addresses: [BoundAddress], _ pair: TLSPair) -> PublicURL? {
        for bound in addresses where bound.isEncrypted {
            guard case .internet(let address, let port)? = try? ListenAddress(parsing: bound.text) else { continue }
            let reachable = HostAddresses.all()
            let host = reachable.first(where: pair.names.contains) ?? reachable.first
            return PublicURL(scheme: "https", address: address, port: port, host: host)
        }
        return nil
    }

    /// Returns the lines, with the QR code of the URL.
    func text(isColoured: Bool) -> String {
        let code = (try? QRCode(url)).map { "\n" + QRDrawing.text($0, isColoured: isColoured) } ?? ""
        let limit = isSigned ? " Whoever has this link can publish and watch for 24 hours." : ""
        return """

            Open this on a phone to make it a camera.\(limit)

              \(url)
            \(code)
            The browser warns once, since only this machine vouches for the certificate. Its fingerprint (SHA-256):

              \(fingerprint)


            """
    }
}

extension Service {
    /// Prints to standard output how a phone becomes a camera, if the certificate is self-signed. It is never logged,
    /// as the link is a secret.
    func welcome() {
        var secret: TokenSecret?
        if let path = configuration.access.tokenSecretPath {
            let bytes = try? SecretFile.read(
                .tokenSecret, path, maxBytes: TokenSecret.maxFileBytes, surroundings.environment)
            secret = bytes.flatMap { try? TokenSecret($0, path: path) }
        }
        let welcome = Welcome(
            configuration, addresses, relay.tls.context?.pairs.first, secret: secret,
            nowMicroseconds: SystemClock.nowMicroseconds())
        if let welcome { print(welcome.text(isColoured: true), terminator: "") }
    }
}
