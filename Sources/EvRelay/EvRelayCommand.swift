// SPDX-License-Identifier: MIT
import ArgumentParser
import LibEvent

/// The program: options and environment become a `Configuration`, and the service runs with it.
@main
struct EvRelayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evrelay",
        abstract: "Relays the frames of cameras to everyone who watches.",
        usage: "evrelay [serve] [--flag value ...]",
        discussion: """
            Start it, open http://localhost:30333/camera and press Start.
            Then watch on http://localhost:30333/ with any browser.

            Each flag has an environment variable, named at its end; a flag beats its variable.
            """,
        version: Version.current,
        subcommands: [ServeCommand.self])

    @OptionGroup var options: Options

    func run() throws {
        try options.serve()
    }
}

/// `evrelay serve`: the same as `evrelay` alone, for those who like to say it.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serves, as evrelay alone does.", usage: "evrelay serve [--flag value ...]")

    @OptionGroup var options: Options

    func run() throws {
        try options.serve()
    }
}

extension Options {
    /// Runs the service until it ends; throws the exit status. Wrong settings end with 64, as unknown flags do.
    fileprivate func serve() throws {
        let sources = SettingSources(typed: typed, environment: ProcessEnvironment.all())
        let configuration: Configuration
        do {
            configuration = try sources.configuration(cores: ProcessControl.processorCount)
        } catch {
            throw ValidationError(error.message)
        }
        throw ExitCode(Service.run(configuration))
    }
}
