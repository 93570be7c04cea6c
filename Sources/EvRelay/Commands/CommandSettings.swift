// SPDX-License-Identifier: MIT
import LibEvent
import System

/// The service's settings as a command reads them, so that both use the same file of keys and the same secret.
struct CommandSettings {
    let configuration: Configuration
    let environment: [String: String]

    /// The packaged service's file of settings.
    static let servicePath = "/etc/evrelay/evrelay.conf"

    /// Reads the environment and the settings file. Without a named file, reads the packaged service's, if this user
    /// may read it.
    ///
    /// - Parameter typed: values by the settings' names; they override environment and file.
    init(_ option: SettingsOption, typed: [String: [String]]) throws {
        let config = option.config
        let environment = ProcessEnvironment.all()
        let isNamed = config != nil || environment[CommandFlag.config.variable ?? ""]?.isEmpty == false
        let path = isNamed || !FileContents.isReadable(Self.servicePath) ? config : Self.servicePath
        let loader = ConfigurationLoader(
            typed: typed, typedPath: path, environment: environment, cores: ProcessControl.processorCount,
            completing: SelfSigned.complete)
        do throws(ConfigurationError) {
            configuration = try loader.load()
        } catch {
            throw CommandFailure.ending(error)
        }
        self.environment = environment
    }
}
