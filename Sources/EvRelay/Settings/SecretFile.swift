// SPDX-License-Identifier: MIT
import LibEvent
import System

/// A file that a setting names and that others must not read: keys, the secret of links, private keys.
///
/// Blocks on disk reads: used at the start, on the control loop and by commands.
enum SecretFile {
    /// The prefix of a setting's value that names a credential loaded by systemd (LoadCredential=).
    static let credentialPrefix = "credential:"

    /// Returns the path that a setting's value names.
    /// - Parameter environment: has `CREDENTIALS_DIRECTORY` if systemd has loaded any credential.
    static func path(_ setting: Setting, _ value: String, _ environment: [String: String])
        throws(ConfigurationError) -> String
    {
        guard value.hasPrefix(credentialPrefix) else { return value }
        let name = value.dropFirst(credentialPrefix.count)
        guard !name.contains("/"), !name.hasPrefix(".") else {
            throw .unusableSecret(
                flag: setting.flag, path: value, reason: "a credential's name has no slash and no leading dot")
        }
        guard let folder = environment["CREDENTIALS_DIRECTORY"], !folder.isEmpty else {
            throw .unusableSecret(
                flag: setting.flag, path: value,
                reason: "systemd has loaded no credentials (LoadCredential= in the unit)")
        }
        return "\(folder)/\(name)"
    }

    /// Returns the bytes of the file that `value` names.
    /// - Parameters:
    ///   - setting: named in errors.
    ///   - maxBytes: the most bytes accepted.
    ///   - isSecret: true to refuse a file that other users may read; false for certificates.
    static func read(
        _ setting: Setting, _ value: String, maxBytes: Int, isSecret: Bool = true, _ environment: [String: String]
    ) throws(ConfigurationError) -> [UInt8] {
        let path = try path(setting, value, environment)
        do throws(SystemError) {
            let (bytes, isReadableByOthers) = try FileContents.readWithMode(path: path, maxBytes: maxBytes)
            guard isSecret, isReadableByOthers else { return bytes }
        } catch {
            throw .unusableSecret(
                flag: setting.flag, path: path, reason: "\(SystemError(error.operation, code: error.code))")
        }
        throw .unusableSecret(
            flag: setting.flag, path: path, reason: "every user of this machine may read it; run: chmod o-rwx \(path)")
    }
}
