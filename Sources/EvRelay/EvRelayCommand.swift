// SPDX-License-Identifier: MIT
import ArgumentParser

/// The program: turns flags, environment and settings file into a `Configuration` and runs the service with it.
@main
struct EvRelayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evrelay",
        abstract: "Relays the frames of cameras to everyone who watches.",
        usage: "evrelay [serve] [--flag value ...]",
        discussion: """
            Start it, open http://localhost:30333/camera and press Start.
            Then watch on http://localhost:30333/ with any browser.

            Each flag has an environment variable, named at its end. A flag beats its variable, and a variable beats \
            the file of --config.
            """,
        version: Version.current,
        subcommands: [
            ServeCommand.self, KeyCommand.self, LinkCommand.self, SecretCommand.self, CertificateCommand.self,
            ProbeCommand.self, DoctorCommand.self, GenerateCommand.self,
        ])

    /// The commands that `--help` and the manual page list.
    static var documented: [any ParsableCommand.Type] {
        configuration.subcommands.filter { $0.configuration.shouldDisplay }
    }

    @OptionGroup var options: Options

    func run() throws {
        try options.run()
    }
}

/// `evrelay serve`: the explicit form of `evrelay` without a subcommand.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serves, as evrelay alone does.", usage: "evrelay serve [--flag value ...]")

    @OptionGroup var options: Options

    func run() throws {
        try options.run()
    }
}
