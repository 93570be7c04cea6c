// SPDX-License-Identifier: MIT
import Crypto
import LibEvent
import Logging
import System
import WireFormat

/// The meaning of `--tls-self-signed`: a certificate of this machine's own, and, if no setting says who may publish, a
/// secret for links of its own.
enum SelfSigned {
    /// Adds the files' paths to a configuration with `--tls-self-signed`. Pure, so that a reload gives the same result.
    ///
    /// - Parameter environment: tells where the files are.
    /// - Throws: if a certificate is configured too, or if there is no folder for the files.
    static func complete(
        _ configuration: inout Configuration, _ environment: [String: String]
    ) throws(ConfigurationError) {
        guard configuration.tls.isSelfSigned else { return }
        if let certificate = configuration.tls.certificates.first {
            throw .conflict(
                Setting.tlsSelfSigned.flag, "\(Setting.tlsCertificate.flag) \(PrintableText.escaped(certificate))",
                rule: "one of them")
        }
        guard let folder = StateFolder.path(environment) else {
            throw .unusableSecret(
                flag: Setting.tlsSelfSigned.flag, path: "", reason: "there is no folder for it: \(StateFolder.advice)")
        }
        configuration.tls.certificates = [SelfSignedPair.certificatePath(folder)]
        configuration.tls.keys = [SelfSignedPair.keyPath(folder)]
        let access = configuration.access
        if access.keysPath == nil, access.tokenSecretPath == nil, !configuration.isPublishingOpen {
            configuration.access.tokenSecretPath = StateFolder.tokenSecret(folder)
        }
    }

    /// Makes the files of a completed configuration that do not exist, and renews a certificate that ends soon.
    static func makeFiles(
        _ configuration: Configuration, _ environment: [String: String], log: Logger
    ) throws(ConfigurationError) {
        guard configuration.tls.isSelfSigned, let folder = StateFolder.path(environment) else { return }
        // No names are wanted in addition to the machine's own, so none can be wrong.
        guard let names = try? CertificateNames.ofThisMachine() else { return }
        let made = try SelfSignedPair.obtain(
            in: folder, for: names, nowSeconds: SystemClock.nowMicroseconds() / 1_000_000)
        switch made.outcome {
        case .kept: break
        case .made: log.notice("certificate made", metadata: ["folder": "\(folder)"])
        case .renewed: log.notice("certificate renewed, since the old one ends", metadata: ["folder": "\(folder)"])
        }
        let missing = names.all.map(\.text).filter { !made.pair.names.contains($0) }
        if !missing.isEmpty {
            log.notice(
                "this machine has names that its certificate is not for",
                metadata: ["names": "\(missing.joined(separator: ","))", "renew": "evrelay certificate --renew"])
        }
        try makeSecret(configuration, folder, log)
    }

    private static func makeSecret(
        _ configuration: Configuration, _ folder: String, _ log: Logger
    ) throws(ConfigurationError) {
        let path = StateFolder.tokenSecret(folder)
        guard configuration.access.tokenSecretPath == path, !FileWriting.isThere(path) else { return }
        do throws(SystemError) {
            try FileWriting.create(path, Array("\(TokenSecret.make())\n".utf8), mode: 0o600)
        } catch {
            throw .unusableSecret(
                flag: Setting.tokenSecret.flag, path: path,
                reason: "\(SystemError(error.operation, code: error.code))")
        }
        log.notice("secret for links made", metadata: ["path": "\(path)"])
    }

    /// Returns a completed configuration without the files that a start would make, for a check that makes none.
    static func withoutUnmade(_ configuration: Configuration, _ environment: [String: String]) -> Configuration {
        guard configuration.tls.isSelfSigned, let folder = StateFolder.path(environment) else { return configuration }
        var configuration = configuration
        let hasPair = (configuration.tls.certificates + configuration.tls.keys).contains(where: FileWriting.isThere)
        if !hasPair { (configuration.tls.certificates, configuration.tls.keys) = ([], []) }
        let secret = StateFolder.tokenSecret(folder)
        if configuration.access.tokenSecretPath == secret, !FileWriting.isThere(secret) {
            configuration.access.tokenSecretPath = nil
            configuration.access.isPrivate = false
        }
        return configuration
    }
}
