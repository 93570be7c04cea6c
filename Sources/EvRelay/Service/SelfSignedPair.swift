// SPDX-License-Identifier: MIT
import LibEvent

/// The certificate that this machine has made for itself, with its key: two files that are kept until their time is over.
///
/// Blocks on the disk: for commands and the start.
struct SelfSignedPair {
    /// What had to be done for it.
    enum Outcome: Equatable {
        /// It was there.
        case kept
        /// There was none, or a new one was asked for.
        case made
        /// The one that was there has ended, or would soon have.
        case renewed
    }

    let pair: TLSPair
    let outcome: Outcome

    /// iOS believes no longer ones (Apple's requirements for TLS certificates, 2019). Below, a renewal would follow on
    /// the next start.
    static let acceptedDays = 60...825
    static let defaultDays = 825
    private static let renewalSeconds: Int64 = 30 * 86_400
    private static let daySeconds: Int64 = 86_400
    /// Far more than a chain or key has.
    private static let maxBytes = 1 << 20

    static func certificatePath(_ folder: String) -> String { "\(folder)/tls-certificate.pem" }
    static func keyPath(_ folder: String) -> String { "\(folder)/tls-key.pem" }

    /// The pair in `folder`; makes one where there is none, and in the place of one that ends within thirty days.
    ///
    /// - Parameters:
    ///   - names: whom a new one is for.
    ///   - days: how long a new one holds, counted from a day ago: other machines' clocks may be slow.
    ///   - isRenewing: whether a new one is wanted in any case.
    /// - Throws: for half a pair and for one that cannot be used: whose they are is not for this program to guess.
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
