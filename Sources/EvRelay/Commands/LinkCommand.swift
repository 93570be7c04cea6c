// SPDX-License-Identifier: MIT
import Cameras
import ArgumentParser
import LibEvent
import System
import WireFormat

/// `evrelay link`: signs a link that opens cameras for a while.
struct LinkCommand: DescribedCommand {
    static let title = (name: "link", abstract: "Makes a signed link that opens cameras for a while.")
    static let usage = "--camera NAME --rights RIGHTS --for TIME [--as FORM] [--qr] …"
    static let explanation = """
        Prints the link; who has it has its rights until it ends. It is signed with the secret of --token-secret, else \
        with that of the settings, else with the one of --tls-self-signed. A single link cannot be taken back; a new \
        secret ends all of them.
        """
    static let examples = ["evrelay link --camera door --rights view --for 24h --qr"]
    static let flags = [camera, RightsAndCameras.rightsFlag, duration, start, form, qr]
    static let settings = [Setting.tokenSecret, .publicURL]

    private static let camera = CommandFlag(
        "camera", "name", "The camera; repeatable, also with patterns. The link leads to the first.")
    private static let duration = CommandFlag("for", "time", "How long it holds: \(acceptedDuration).")
    private static let start = CommandFlag("from", "time", "It begins so much later. Default: at once.")
    private static let form = CommandFlag(
        "as", "form", "What it leads to: \(LinkForm.accepted). Default: the page that fits the rights.")
    private static let qr = CommandFlag("qr", nil, "Draw a QR code below it.")
    private static let durations = Duration.seconds(60) ... .seconds(86_400 * 3650)
    private static let acceptedDuration = "1m to 3650d"

    @Option(flag: Self.camera) var camera: [String]
    @Option(flag: RightsAndCameras.rightsFlag) var rights: String
    @Option(flag: Self.duration) var `for`: String
    @Option(flag: Self.start) var from: String?
    @Option(flag: Self.form) var `as`: String?
    @Flag(flag: Self.qr) var qr = false
    @OptionGroup var tokenSecret: SettingOptions<SharedFlags.TokenSecret>
    @OptionGroup var publicURL: SettingOptions<SharedFlags.PublicURL>
    @OptionGroup var file: SettingsOption

    func run() throws {
        let wanted = try RightsAndCameras(rights: rights, cameras: camera, Self.camera)
        let form = try wantedForm(wanted.rights)
        let duration = try Self.time(self.for, Self.duration, Self.durations, accepted: Self.acceptedDuration)
        let delay = try from.map { (text) throws in
            try Self.time(text, Self.start, .zero...Self.durations.upperBound, accepted: "0s to 3650d")
        }
        let typed = tokenSecret.typed.merging(publicURL.typed) { first, _ in first }
        let settings = try CommandSettings(file, typed: typed)
        let base = try LinkBase(settings.configuration)
        let begins = SystemClock.nowMicroseconds() + (delay ?? .zero).wholeNanoseconds / 1000
        let claims = TokenClaims(
            rights: wanted.rights, cameras: wanted.cameras,
            expiresMicroseconds: begins + duration.wholeNanoseconds / 1000,
            beginsMicroseconds: delay == nil ? nil : begins)
        let token = try sign(claims, settings)
        guard let link = form.url(AccessLink(base: base.url, credential: token), wanted.rights, wanted.cameras) else {
            throw CommandFailure.wrong(
                Self.camera, wanted.cameras[0].description, "a \(form.rawValue) is of one camera",
                accepted: "a name first; patterns may follow")
        }
        print(link)
        if qr { try Self.draw(link) }
        let end = HTTPDate.iso8601Milliseconds(microseconds: claims.expiresMicroseconds).prefix(19)
        CommandFailure.say("It ends at \(end)Z.")
        base.sayIfGuessed()
    }

    private func wantedForm(_ rights: Set<Right>) throws -> LinkForm {
        let text = self.as ?? LinkForm.page.rawValue
        guard let form = LinkForm(rawValue: text) else {
            throw CommandFailure.wrong(Self.form, text, "not a form", accepted: LinkForm.accepted)
        }
        if let right = form.right, !rights.contains(right) {
            throw CommandFailure.wrong(
                RightsAndCameras.rightsFlag, rights.text, "--as \(form.rawValue) would open nothing",
                accepted: "rights with \(right.rawValue)")
        }
        return form
    }

    private static func time(
        _ text: String, _ flag: CommandFlag, _ range: ClosedRange<Duration>, accepted: String
    ) throws -> Duration {
        do throws(ValueError) {
            let time = try TimeSpan.parse(text)
            guard range.contains(time) else { throw ValueError(text, "out of range") }
            return time
        } catch {
            throw CommandFailure.wrong(flag, error.value, error.reason, accepted: accepted)
        }
    }

    private func sign(_ claims: TokenClaims, _ settings: CommandSettings) throws -> String {
        let token: String
        do {
            token = try secret(settings).sign(claims)
        } catch let error as ConfigurationError {
            throw CommandFailure.ending(error)
        }
        guard token.utf8.count <= TokenVerifier.maxTokenBytes else {
            throw CommandFailure.wrong(
                Self.camera, "\(claims.cameras.count) cameras", "too long for a link", accepted: "fewer, or patterns")
        }
        return token
    }

    private func secret(_ settings: CommandSettings) throws -> TokenSecret {
        let named = settings.configuration.access.tokenSecretPath
        let kept = StateFolder.path(settings.environment).map(StateFolder.tokenSecret)
        guard let value = named ?? kept.flatMap({ FileWriting.isThere($0) ? $0 : nil }) else {
            throw CommandFailure.ending(
                "nobody has named a secret to sign with. Make one with: evrelay secret --output FILE; then "
                    + "--token-secret FILE is for this command and for the server.", status: 78)
        }
        let bytes = try SecretFile.read(
            .tokenSecret, value, maxBytes: TokenSecret.maxFileBytes, settings.environment)
        return try TokenSecret(bytes, path: value)
    }

    private static func draw(_ link: String) throws {
        guard let code = try? QRCode(link) else {
            throw CommandFailure.ending("the link has more bytes than a QR code holds: \(QRCode.maxBytes)", status: 64)
        }
        print(QRDrawing.text(code, isColoured: StandardOutput.isTerminal), terminator: "")
    }
}
