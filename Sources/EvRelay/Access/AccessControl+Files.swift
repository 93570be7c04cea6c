// SPDX-License-Identifier: MIT
import LibEvent
import System

extension AccessControl {
    /// Reads the files that `configuration` names.
    ///
    /// Blocks on disk reads, so it is called at the start and on the control loop only.
    /// - Parameters:
    ///   - environment: the process's environment; CREDENTIALS_DIRECTORY names systemd's folder of credentials.
    ///   - certificateNames: DNS names in the certificates that are served.
    /// - Throws: if a file cannot be used, or if with `--private` nobody could view.
    static func load(
        _ configuration: Configuration, environment: [String: String], certificateNames: [String] = []
    ) throws(ConfigurationError) -> AccessControl {
        let access = configuration.access
        var keys: [KeyFile.Entry] = []
        if let path = access.keysPath {
            let bytes = try SecretFile.read(
                .keys, path, maxBytes: KeyFile.maxBytes(keys: access.maxKeys), environment)
            keys = try KeyFile.parse(
                bytes, path: try SecretFile.path(.keys, path, environment), maxKeys: access.maxKeys)
        }
        var secret: TokenSecret?
        if let path = access.tokenSecretPath {
            let bytes = try SecretFile.read(.tokenSecret, path, maxBytes: TokenSecret.maxFileBytes, environment)
            secret = try TokenSecret(bytes, path: try SecretFile.path(.tokenSecret, path, environment))
        }
        guard !access.isPrivate || !keys.isEmpty || secret != nil else { throw .nobodyMayView }
        return AccessControl(
            configuration, keys: KeyRing(keys), secret: secret,
            hostNames: certificateNames + [ProcessControl.hostName].compactMap { $0 })
    }
}
