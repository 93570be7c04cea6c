// SPDX-License-Identifier: MIT
import ArgumentParser
import LibEvent

extension Options {
    /// Runs the service until it ends, or checks what it would run with; throws the exit status.
    func run() throws {
        let loader = ConfigurationLoader(
            typed: typed, typedPath: config, environment: ProcessEnvironment.all(),
            cores: ProcessControl.processorCount)
        let configuration: Configuration
        let differences: [String]
        do {
            (configuration, differences) = try loader.check()
        } catch {
            // Wrong settings are answered as unknown flags are, with the usage.
            guard error.exitStatus != ExitCode.validationFailure.rawValue else { throw ValidationError(error.message) }
            throw Self.failure(error.message, status: error.exitStatus)
        }
        guard check else { throw ExitCode(Service.run(configuration, loader: loader)) }
        do {
            try Service.check(configuration)
        } catch {
            throw Self.failure(error.message, status: error.exitStatus)
        }
        print((["configuration is valid"] + differences).joined(separator: "\n"))
    }

    private static func failure(_ message: String, status: Int32) -> ExitCode {
        StandardError.write(Array("Error: \(PrintableText.escaped(message))\n".utf8))
        return ExitCode(status)
    }
}
