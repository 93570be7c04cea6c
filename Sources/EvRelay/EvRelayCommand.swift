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
        let loader = ConfigurationLoader(
            typed: typed, typedPath: config, environment: ProcessEnvironment.all(), cores: ProcessControl.processorCount
        )
        let configuration: Configuration
        do {
            configuration = try loader.load()
        } catch {
            throw Self.failure(error)
        }
        throw ExitCode(Service.run(configuration, loader: loader))
    }

    /// Wrong settings are answered as unknown flags are, with the usage.
    private static func failure(_ error: ConfigurationError) -> any Error {
        guard error.exitStatus != ExitCode.validationFailure.rawValue else { return ValidationError(error.message) }
        StandardError.write(Array("Error: \(error.message)\n".utf8))
        return ExitCode(error.exitStatus)
    }
}
