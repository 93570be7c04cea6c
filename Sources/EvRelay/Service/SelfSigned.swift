// SPDX-License-Identifier: MIT
import LibEvent
import Logging
import WireFormat

/// What `--tls-self-signed` stands for: a certificate of this machine's own, and, where nobody has said who may publish,
/// a secret for links of its own.
enum SelfSigned {
    /// Names the files in a configuration that asks for them. Pure, so that a reload comes to the same.
    ///
    /// - Parameter environment: says where the files are.
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

    /// Makes the files of a completed configuration that are not there, and a new certificate for one that ends.
    static func makeFiles(
        _ configuration: Configuration, _ environment: [String: String], log: Logger
    ) throws(ConfigurationError) {
        guard configuration.tls.isSelfSigned, let folder = StateFolder.path(environment) else { return }
        // Without names that are wanted beside the machine's own nothing can be wrong with them.
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
        do throws(LibEventError) {
            try FileWriting.create(path, Array("\(SecretCommand.make())\n".utf8), mode: 0o600)
        } catch {
            throw .unusableSecret(
                flag: Setting.tokenSecret.flag, path: path,
                reason: "\(LibEventError(error.operation, code: error.code))")
        }
        log.notice("secret for links made", metadata: ["path": "\(path)"])
    }

    /// A completed configuration without those of its files that a start would make, for a check that makes none.
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
