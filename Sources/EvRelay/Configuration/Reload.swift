// SPDX-License-Identifier: MIT

/// What a reload may change of a running service's configuration.
struct Reload: Sendable, Equatable {
    /// What holds from now on: what was read, but for the settings that need a restart.
    let configuration: Configuration
    /// The names of the settings that change now.
    let changed: [String]
    /// The names of the settings that were written differently and keep their value until a restart.
    let needsRestart: [String]

    /// Compares what is running with what was read anew.
    init(running: Configuration, read: Configuration) {
        var configuration = read
        var changed: [String] = []
        var needsRestart: [String] = []
        for setting in Setting.all {
            let isSame = setting.texts(running) == setting.texts(read)
            if setting.needsRestart {
                setting.copy(running, &configuration)
                if !isSame { needsRestart.append(setting.name) }
            } else if !isSame {
                changed.append(setting.name)
            }
        }
        self.configuration = configuration
        self.changed = changed
        self.needsRestart = needsRestart
    }
}
