// SPDX-License-Identifier: MIT
import Crypto
import LibEvent
import Logging
import WireFormat

/// Reads the certificates and keys that the settings name.
///
/// Blocks on the disk; called at the start and on the control loop.
enum Certificates {
    /// The largest file, in bytes: far more than any chain or key has.
    private static let maxBytes = 1 << 20

    /// Returns the context of new TLS connections; nil if no certificate is named.
    ///
    /// - Parameter running: the context whose clients may resume their sessions; nil at the start.
    /// - Throws: an error that names the file at fault. Nothing has changed then.
    static func load(
        _ configuration: Configuration.TLS, _ environment: [String: String], continuing running: TLSServerContext?
    ) throws(ConfigurationError) -> TLSServerContext? {
        var pairs: [TLSPair] = []
        for (certificate, key) in zip(configuration.certificates, configuration.keys) {
            let chain = try SecretFile.read(
                .tlsCertificate, certificate, maxBytes: maxBytes, isSecret: false, environment)
            let secret = try SecretFile.read(.tlsKey, key, maxBytes: maxBytes, environment)
            do throws(TLSError) {
                pairs.append(try TLSPair(certificate: chain, key: secret))
            } catch {
                throw unusable(error, certificate, key)
            }
        }
        guard !pairs.isEmpty else { return nil }
        do throws(TLSPairError) {
            return try TLSServerContext(pairs, continuing: running)
        } catch {
            throw unusable(error.error, configuration.certificates[error.index], configuration.keys[error.index])
        }
    }

    private static func unusable(_ error: TLSError, _ certificate: String, _ key: String) -> ConfigurationError {
        switch error.part {
        case .certificate:
            .unusableSecret(flag: Setting.tlsCertificate.flag, path: certificate, reason: error.description)
        case .key: .unusableSecret(flag: Setting.tlsKey.flag, path: key, reason: error.description)
        }
    }
}

extension TLSPair {
    /// Logs which certificate is served, and whether it is valid at `nowSeconds` since 1970.
    func announce(to log: Logger, nowSeconds: Int64) {
        let metadata: Logger.Metadata = [
            "names": "\(names.joined(separator: ","))",
            "expires": "\(HTTPDate.iso8601Milliseconds(microseconds: expires * 1_000_000).prefix(10))",
            "fingerprint": "\(fingerprint)",
        ]
        if nowSeconds >= expires {
            log.error("certificate has expired", metadata: metadata)
        } else if nowSeconds < begins {
            log.error("certificate is not valid yet", metadata: metadata)
        } else if expires - nowSeconds < Self.warningSeconds {
            log.warning("certificate ends soon", metadata: metadata)
        } else {
            log.notice("certificate", metadata: metadata)
        }
    }

    /// Seconds before a certificate's end from which its line is a warning: 14 days. certbot renews 30 days before the
    /// end, so by then something is wrong with that.
    private static var warningSeconds: Int64 { 14 * 86_400 }
}
