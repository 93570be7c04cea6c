// SPDX-License-Identifier: MIT
import LibEvent

/// The service's settings as a command reads them: where it writes to and signs with what the service reads.
struct CommandSettings {
    let configuration: Configuration
    let environment: [String: String]

    /// Where the packaged service has its settings.
    static let servicePath = "/etc/evrelay/evrelay.conf"

    /// Reads the environment, and the file that is named; if none is, the packaged service's, where there is one that
    /// this user may read.
    ///
    /// - Parameter typed: settings that beat both, by their names.
    init(_ option: SettingsOption, typed: [String: [String]]) throws {
        let config = option.config
        let environment = ProcessEnvironment.all()
        let isNamed = config != nil || environment[CommandFlag.config.variable ?? ""]?.isEmpty == false
        let path = isNamed || !FileContents.isReadable(Self.servicePath) ? config : Self.servicePath
        let loader = ConfigurationLoader(
            typed: typed, typedPath: path, environment: environment, cores: ProcessControl.processorCount)
        do throws(ConfigurationError) {
            configuration = try loader.load()
        } catch {
            throw CommandFailure.ending(error)
        }
        self.environment = environment
    }
}
