// SPDX-License-Identifier: MIT
import LibEvent
import System

/// Reads the configuration from the sources given at the start, then and again for each reload.
///
/// Reads a file, so it is used at the start and on the control loop, never on a frame's way.
struct ConfigurationLoader: Sendable {
    private let typed: [String: [String]]
    private let typedPath: String?
    private let environment: [String: String]
    private let cores: Int
    private let completing: Completion

    /// Adds what follows from the written settings and the environment. Pure, so that a reload gives the same result.
    typealias Completion =
        @Sendable (_ configuration: inout Configuration, _ environment: [String: String]) throws(ConfigurationError) ->
        Void

    /// - Parameters:
    ///   - typed: the values typed, by the setting's name.
    ///   - typedPath: the value typed for `--config`.
    ///   - environment: the process's environment.
    ///   - cores: usable cores, for the default number of loops.
    ///   - completing: called with each configuration read.
    init(
        typed: [String: [String]], typedPath: String?, environment: [String: String], cores: Int,
        completing: @escaping Completion
    ) {
        self.typed = typed
        self.typedPath = typedPath
        self.environment = environment
        self.cores = cores
        self.completing = completing
    }

    /// Returns the configuration as it is written now.
    func load() throws(ConfigurationError) -> Configuration {
        try configuration(try sources())
    }

    /// Returns the configuration as it is written now, and its differences from the defaults: one line a setting, with
    /// its value and the place where it was written.
    func check() throws(ConfigurationError) -> (configuration: Configuration, differences: [String]) {
        let sources = try sources()
        let configuration = try configuration(sources)
        return (configuration, sources.differences(configuration, from: Configuration(cores: cores)))
    }

    private func configuration(_ sources: SettingSources) throws(ConfigurationError) -> Configuration {
        var configuration = try sources.configuration(cores: cores)
        try completing(&configuration, environment)
        return configuration
    }

    private func sources() throws(ConfigurationError) -> SettingSources {
        SettingSources(typed: typed, environment: environment, file: try file())
    }

    private func file() throws(ConfigurationError) -> SettingsFile? {
        guard let path = typedPath ?? environment[CommandFlag.config.variable ?? ""] else { return nil }
        guard !path.isEmpty else {
            guard typedPath != nil else { return nil }
            throw .wrongValue(
                source: .flag(CommandFlag.config.flag), value: path, reason: "empty", accepted: "the path of a file")
        }
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try FileContents.read(path: path, maxBytes: SettingsFile.maxBytes)
        } catch {
            throw .unusableFile(path: path, reason: "\(SystemError(error.operation, code: error.code))")
        }
        return try SettingsFile(bytes, path: path)
    }
}
