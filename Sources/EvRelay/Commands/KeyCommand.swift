// SPDX-License-Identifier: MIT
import Cameras
import ArgumentParser
import Crypto
import LibEvent
import System
import WireFormat

/// `evrelay key`: makes a key and adds its digest to the file of keys.
struct KeyCommand: DescribedCommand {
    static let title = (name: "key", abstract: "Makes a key to publish, view or observe with.")
    static let usage = "--rights RIGHTS --cameras CAMERAS [--remark TEXT] [--keys FILE] …"
    static let explanation = """
        Prints the key, which nothing can show again: the file of keys gets its SHA-256 alone. The file is the one of \
        --keys, else that of the settings. Without either, the line for it is printed, too.
        """
    static let examples = ["evrelay key --rights publish --cameras door --remark 'the phone at the door'"]
    static let flags = [RightsAndCameras.rightsFlag, cameras, remark]
    static let settings = [Setting.keys, .publicURL]

    private static let cameras = CommandFlag(
        "cameras", "cameras", "Of which cameras: names, or patterns with *; several with commas between.")
    private static let remark = CommandFlag("remark", "text", "What to write behind it in the file.")
    /// The random bytes of a key: 192 bits, which are 32 characters.
    private static let byteCount = 24
    /// The mode of a new file: readable by its group, since that may be how the service reads it.
    private static let fileMode: UInt32 = 0o640

    @Option(flag: RightsAndCameras.rightsFlag) var rights: String
    @Option(flag: Self.cameras) var cameras: String
    @Option(flag: Self.remark) var remark: String?
    @OptionGroup var keys: SettingOptions<SharedFlags.Keys>
    @OptionGroup var publicURL: SettingOptions<SharedFlags.PublicURL>
    @OptionGroup var file: SettingsOption

    func run() throws {
        let wanted = try RightsAndCameras(
            rights: rights, cameras: cameras.split(separator: ",", omittingEmptySubsequences: false).map(String.init),
            Self.cameras)
        let key = Base64URL.encode(RandomBytes.make(Self.byteCount))
        guard let digest = CredentialDigest(of: key) else {
            throw CommandFailure.ending("OpenSSL has no SHA-256", status: 71)
        }
        let line = KeyFile.line(digest, wanted.rights, wanted.cameras, remark: remark ?? "")
        guard (try? KeyFile.parse(Array(line.utf8), path: "", maxKeys: 1)) != nil else {
            throw CommandFailure.wrong(
                Self.remark, remark ?? "", "has a control character, or is too long for its line",
                accepted: "one line; 1024 bytes with key, rights and cameras")
        }
        let settings = try CommandSettings(file, typed: keys.typed.merging(publicURL.typed) { first, _ in first })
        if let value = settings.configuration.access.keysPath {
            let path = try add(line, to: value, settings)
            CommandFailure.say("Added to \(path). \(Self.advice(settings.configuration))")
        } else {
            CommandFailure.say("Nobody has named a file of keys. Put this line into one, and name it with --keys FILE:")
            CommandFailure.say(line)
        }
        CommandFailure.say("The key is shown only now:")
        print(key)
        sayAddresses(of: key, wanted, try LinkBase(settings.configuration))
    }

    /// Appends the line and returns the file's path. Refuses a file with errors: a server would refuse all of it for
    /// one wrong line.
    private func add(_ line: String, to value: String, _ settings: CommandSettings) throws -> String {
        do throws(ConfigurationError) {
            let path = try SecretFile.path(.keys, value, settings.environment)
            let maxKeys = settings.configuration.access.maxKeys
            if FileWriting.isThere(path) {
                let bytes = try SecretFile.read(
                    .keys, path, maxBytes: KeyFile.maxBytes(keys: maxKeys), settings.environment)
                _ = try KeyFile.parse(bytes + Array("\n\(line)".utf8), path: path, maxKeys: maxKeys)
            }
            do throws(SystemError) {
                try FileWriting.append(line: line, to: path, mode: Self.fileMode)
            } catch {
                throw ConfigurationError.unusableSecret(
                    flag: Setting.keys.flag, path: path, reason: "\(SystemError(error.operation, code: error.code))")
            }
            return path
        } catch {
            throw CommandFailure.ending(error)
        }
    }

    /// Returns the advice for making the service use the key. systemd copies credentials only when it starts a service.
    private static func advice(_ configuration: Configuration) -> String {
        configuration.access.keysPath?.hasPrefix(SecretFile.credentialPrefix) == true
            ? "The service takes it over with: systemctl restart evrelay"
            : "A running server takes it over with SIGHUP; the service with: systemctl reload evrelay"
    }

    private func sayAddresses(of key: String, _ wanted: RightsAndCameras, _ base: LinkBase) {
        let link = AccessLink(base: base.url, credential: key)
        let named = wanted.cameras.first { !$0.description.contains("*") }?.description
        let camera = named ?? "NAME"
        var lines: [(String, String)] = []
        if wanted.rights.contains(.publish) {
            lines += [
                ("send from a phone or a laptop", link.cameraPage(named)),
                ("send from a program", link.raw("upload", camera)),
            ]
        }
        if wanted.rights.contains(.view) {
            lines += [("watch", named.map(link.watchPage) ?? link.wall), ("in an <img>", link.raw("stream", camera))]
        }
        if wanted.rights.contains(.observe) { lines.append(("metrics", "\(base.url)/metrics?key=\(key)")) }
        CommandFailure.say(named == nil ? "It opens, with the camera's name for NAME:" : "It opens:")
        for (what, address) in lines { CommandFailure.say("  \(what): \(address)") }
        base.sayIfGuessed()
    }
}
