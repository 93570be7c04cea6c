// SPDX-License-Identifier: MIT
import ArgumentParser
import LibEvent
import WireFormat

/// `evrelay probe`: asks a relay whether it is healthy.
struct ProbeCommand: DescribedCommand {
    static let title = (name: "probe", abstract: "Asks a relay whether it is well, for health checks.")
    static let usage = "[URL] [--listen ADDRESS] [--tls-listen ADDRESS] …"
    static let explanation = """
        URL is the address of the relay's first page. Without it the relay of this machine is asked, at the first \
        address of --listen or of the settings. It ends with 0 if the relay is well, 1 if something else answers, and \
        69 if nothing does within 3 seconds. Certificates are not judged; the doctor judges them.
        """
    static let examples = ["evrelay probe", "evrelay probe https://cam.example.org"]
    static let flags: [CommandFlag] = []
    static let settings = [Setting.listen, .tlsListen]

    @Argument(help: "http://HOST[:PORT][/PATH], or the same with https://. Default: the relay of this machine.")
    var url: String?
    @OptionGroup var listen: SettingOptions<SharedFlags.Listen>
    @OptionGroup var tlsListen: SettingOptions<SharedFlags.TLSListen>
    @OptionGroup var file: SettingsOption

    /// Checks the URL here and not in `run`, so that an error shows this command's usage and not that of `evrelay`.
    func validate() throws { _ = try url.map { try DoctorTarget(typed: $0) } }

    func run() throws {
        let target = try url.map { ProbeTarget(try DoctorTarget(typed: $0)) } ?? ownRelay()
        let result = Probe.ask(target)
        let line = result.line(about: target)
        guard result.exitStatus == 0 else {
            CommandFailure.say(line)
            throw ExitCode(result.exitStatus)
        }
        print(PrintableText.escaped(line))
    }

    private func ownRelay() throws -> ProbeTarget {
        let typed = listen.typed.merging(tlsListen.typed) { first, _ in first }
        guard let target = ProbeTarget(try CommandSettings(file, typed: typed).configuration) else {
            throw CommandFailure.ending(
                "the settings leave address and port to systemd or to the kernel; accepted: a URL, as in evrelay probe "
                    + "http://localhost:30333",
                status: 78)
        }
        return target
    }
}
