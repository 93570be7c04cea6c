// SPDX-License-Identifier: MIT
import ArgumentParser
import LibEvent
import System

extension Options {
    /// Runs the service until it ends, or, with `--check`, only checks its settings. Throws the exit status.
    func run() throws {
        let environment = ProcessEnvironment.all()
        let loader = ConfigurationLoader(
            typed: typed, typedPath: file.config, environment: environment,
            cores: ProcessControl.processorCount,
            completing: SelfSigned.complete)
        let configuration: Configuration
        let differences: [String]
        do {
            (configuration, differences) = try loader.check()
        } catch {
            // Wrong settings are reported with the usage, as unknown flags are.
            guard error.exitStatus != ExitCode.validationFailure.rawValue else { throw ValidationError(error.message) }
            throw CommandFailure.ending(error)
        }
        guard check else { throw ExitCode(Service.run(configuration, loader: loader)) }
        do {
            try Service.check(SelfSigned.withoutUnmade(configuration, environment), environment: environment)
        } catch {
            throw CommandFailure.ending(error.message, status: error.exitStatus)
        }
        print((["configuration is valid"] + differences).joined(separator: "\n"))
    }
}
