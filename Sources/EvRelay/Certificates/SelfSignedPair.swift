// SPDX-License-Identifier: MIT
import Crypto
import LibEvent
import System

/// The certificate that this machine has made for itself, with its key: two files that are kept until the certificate
/// ends.
///
/// Blocks on the disk; called by commands and at the start.
struct SelfSignedPair {
    /// The action that was needed to obtain the pair.
    enum Outcome: Equatable {
        /// The pair was there already.
        case kept
        /// A pair was made: there was none, or a new one was requested.
        case made
        /// The pair was replaced, since it had ended or would soon end.
        case renewed
    }

    let pair: TLSPair
    let outcome: Outcome

    /// The days for which a certificate may be valid. iOS accepts at most 825 (Apple's requirements for TLS
    /// certificates, 2019). A start renews a certificate that ends within 30 days; at least 60 days keep clear of that.
    static let acceptedDays = 60...825
    static let defaultDays = 825
    private static let renewalSeconds: Int64 = 30 * 86_400
    private static let daySeconds: Int64 = 86_400
    /// The largest file, in bytes: far more than a chain or key has.
    private static let maxBytes = 1 << 20

    static func certificatePath(_ folder: String) -> String { "\(folder)/tls-certificate.pem" }
    static func keyPath(_ folder: String) -> String { "\(folder)/tls-key.pem" }

    /// Returns the pair in `folder`. Makes one if there is none, and replaces one that ends within 30 days.
    ///
    /// - Parameters:
    ///   - names: the names that a new certificate is for.
    ///   - days: the days for which a new one is valid, counted from a day ago, as other machines' clocks may be slow.
    ///   - isRenewing: true to make a new pair in any case.
    /// - Throws: if only half of the pair is there, or it cannot be used. This program does not guess whose files they
    ///   are.
    static func obtain(
        in folder: String, for names: CertificateNames, days: Int = defaultDays, isRenewing: Bool = false,
        nowSeconds: Int64
    ) throws(ConfigurationError) -> SelfSignedPair {
        let isThere = FileWriting.isThere(certificatePath(folder)) || FileWriting.isThere(keyPath(folder))
        guard isThere, !isRenewing else {
            return SelfSignedPair(pair: try make(in: folder, names, days, nowSeconds), outcome: .made)
        }
        let kept = try read(in: folder)
        guard kept.expires - nowSeconds <= renewalSeconds else { return SelfSignedPair(pair: kept, outcome: .kept) }
        return SelfSignedPair(pair: try make(in: folder, names, days, nowSeconds), outcome: .renewed)
    }

    private static func read(in folder: String) throws(ConfigurationError) -> TLSPair {
        let (certificate, key) = (certificatePath(folder), keyPath(folder))
        do throws(ConfigurationError) {
            let chain = try SecretFile.read(
                .tlsSelfSigned, certificate, maxBytes: maxBytes, isSecret: false, [:])
            let secret = try SecretFile.read(.tlsSelfSigned, key, maxBytes: maxBytes, [:])
            do throws(TLSError) {
                return try TLSPair(certificate: chain, key: secret)
            } catch {
                throw .unusableSecret(
                    flag: Setting.tlsSelfSigned.flag, path: error.part == .key ? key : certificate,
                    reason: error.description)
            }
        } catch {
            guard case .unusableSecret(let flag, let path, let reason) = error else { throw error }
            throw .unusableSecret(
                flag: flag, path: path, reason: "\(reason); a new pair is made by: evrelay certificate --renew")
        }
    }

    private static func make(
        in folder: String, _ names: CertificateNames, _ days: Int, _ nowSeconds: Int64
    ) throws(ConfigurationError) -> TLSPair {
        do {
            let begins = nowSeconds - daySeconds
            let files = try SelfSignedCertificate.make(
                for: names.all, title: names.title, begins: begins, expires: begins + Int64(days) * daySeconds)
            let pair = try TLSPair(certificate: files.certificate, key: files.key)
            try FileWriting.makeFolder(folder)
            try FileWriting.replace(keyPath(folder), with: files.key, mode: 0o600)
            try FileWriting.replace(certificatePath(folder), with: files.certificate, mode: 0o644)
            return pair
        } catch {
            throw .unusableSecret(flag: Setting.tlsSelfSigned.flag, path: folder, reason: "\(error)")
        }
    }
}
