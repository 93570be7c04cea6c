// SPDX-License-Identifier: MIT
import Cameras
import ArgumentParser

/// The manual page evrelay(1), made from the same table as `--help`.
enum ManualPage {
    /// Returns the page in roff.
    /// - Parameter commands: the commands to describe, in their order.
    static func text(_ commands: [any ParsableCommand.Type]) -> String {
        var page = Roff("evrelay", version: Version.current)
        addBeginning(&page, commands)
        addOptions(&page)
        addCommands(&page, commands)
        addSurroundings(&page)
        addExamples(&page)
        return page.text
    }

    private static func addBeginning(_ page: inout Roff, _ commands: [any ParsableCommand.Type]) {
        page.section("NAME")
        page.plain("evrelay - relays the frames of cameras to everyone who watches")
        page.section("SYNOPSIS")
        page.synopsis("evrelay [--flag value ...]")
        for command in commands { page.synopsis(usage(command.configuration)) }
        page.section("DESCRIPTION")
        page.plain(
            """
            EvRelay takes JPEG frames from cameras (a browser, ffmpeg, an IP camera, a microcontroller) and sends each \
            to everyone who watches: in an <img>, on a page of its own, in players and in scripts. Nothing is \
            transcoded or stored.
            """)
        page.paragraph(
            """
            Started without flags it serves on http://localhost:30333/. The page /camera sends this device's camera, \
            and the page / shows all cameras. Only this machine may publish until a key is made, or \
            --open-publishing is given.
            """)
        page.paragraph(
            """
            Each flag has an environment variable. A flag beats its variable, a variable beats the file of --config, \
            and the file beats the default.
            """)
    }

    private static func addOptions(_ page: inout Roff) {
        page.section("OPTIONS")
        for flag in CommandFlag.all {
            page.item(flag.flag, flag.valueName, flag.summary)
        }
        page.item("--version", nil, "Print the version.")
        page.item("-h, --help", nil, "Print a summary of all flags.")
        page.paragraph(
            """
            Sizes take B, KB, MB, GB (powers of 1000), KiB, MiB and GiB (powers of 1024); times take ms, s, m, h and d.
            """)
        for group in SettingGroup.allCases {
            page.subsection(group.rawValue)
            for setting in Setting.all where setting.group == group {
                page.item(
                    setting.flag, setting.valueName, setting.summary,
                    "Accepted: \(setting.acceptedText). Default: \(setting.defaultText)."
                        + (setting.needsRestart ? " Changes with a restart only." : ""))
            }
        }
    }

    private static func addCommands(_ page: inout Roff, _ commands: [any ParsableCommand.Type]) {
        page.section("COMMANDS")
        for command in commands {
            let configuration = command.configuration
            guard let described = command as? any DescribedCommand.Type else {
                page.item("evrelay \(configuration.commandName ?? "")", nil, configuration.abstract)
                continue
            }
            page.subsection("evrelay \(configuration.commandName ?? "")")
            page.plain(configuration.abstract + " " + described.explanation)
            for flag in described.flags { page.item(flag.flag, flag.valueName, flag.summary) }
            for setting in described.settings { page.item(setting.flag, setting.valueName, "As in the settings.") }
            if !described.settings.isEmpty {
                page.item(
                    CommandFlag.config.flag, CommandFlag.config.valueName,
                    "File of the service's settings. Default: \(CommandSettings.servicePath), if this user may read it."
                )
            }
            page.example(described.examples)
        }
    }

    private static func usage(_ command: CommandConfiguration) -> String {
        command.usage ?? "evrelay \(command.commandName ?? "")"
    }

    private static func addSurroundings(_ page: inout Roff) {
        page.section("ENVIRONMENT")
        for flag in CommandFlag.all { if let variable = flag.variable { page.item(variable, nil, "As \(flag.flag).") } }
        page.item(
            "EVRELAY_NAME", nil,
            """
            As the flag --name, in capitals and with _ for -: EVRELAY_MAX_VIEWERS is --max-viewers. Of a flag that may \
            be repeated, the values stand between commas. An empty variable counts as not set. A variable that begins \
            so and belongs to no flag is an error.
            """)
        page.item(
            "STATE_DIRECTORY, XDG_STATE_HOME, HOME", nil,
            "The first that is set says where --tls-self-signed keeps what it makes.")
        page.item(
            "JOURNAL_STREAM, LISTEN_FDS, NOTIFY_SOCKET, WATCHDOG_USEC", nil,
            "Set by systemd for the log, the sockets, the service's state and its watchdog.")
        page.section("FILES")
        page.item(
            "/etc/evrelay/evrelay.conf", nil,
            """
            The settings of the packaged service, one variable a line. Blank lines and lines that begin with # or ; \
            are skipped.
            """)
        page.item(
            "~/.local/state/evrelay", nil,
            """
            tls-certificate.pem, tls-key.pem and token-secret of --tls-self-signed; of a service in systemd's state \
            folder.
            """)
        page.section("SIGNALS")
        page.item(
            "SIGTERM, SIGINT", nil,
            "Finish what is under way within --drain-timeout, then end. A second one ends at once.")
        page.item(
            "SIGHUP", nil,
            "Read the file of --config anew. If it has an error, everything stays as it was and the log says why.")
        page.item(
            "SIGUSR2", nil,
            "As SIGTERM, but leave the viewers to systemd, from which the next process takes them up.")
        page.section("EXIT STATUS")
        page.item("0", nil, "Ended by SIGTERM or SIGINT, or a check found nothing wrong.")
        page.item("1", nil, "The probe or the doctor found something wrong.")
        page.item("64", nil, "A flag, a variable or a value is wrong, wherever it is written.")
        page.item("69", nil, "An address cannot be listened on; or nothing answers the probe or the doctor.")
        page.item("71", nil, "The operating system refuses what every process needs.")
        page.item("73", nil, "A file that a command should make is there already, or cannot be made.")
        page.item(
            "78", nil, "The configuration cannot work: a file or folder is missing, or systemd passed no sockets.")
        page.item("130, 143", nil, "Ended at once by a second SIGINT or SIGTERM.")
    }

    private static func addExamples(_ page: inout Roff) {
        page.section("EXAMPLES")
        page.plain("Serve on port 8080 of this machine, for a proxy in front:")
        page.example("evrelay --listen 127.0.0.1:8080 --trusted-proxy 127.0.0.1")
        page.paragraph("Send a video device, and watch it at http://localhost:30333/watch/door:")
        page.example(
            "ffmpeg -f v4l2 -i /dev/video0 -c:v mjpeg -f mpjpeg -method POST http://localhost:30333/upload/door")
        page.paragraph("Check the service's settings, and let it take them over:")
        page.example("evrelay --config /etc/evrelay/evrelay.conf --check", "systemctl reload evrelay")
        page.paragraph("See what happened to one camera:")
        page.example("journalctl -u evrelay EVRELAY_CAMERA_ID=door")
        page.section("SEE ALSO")
        page.plain("ffmpeg(1), journalctl(1), systemctl(1), systemd.socket(5)")
    }
}
