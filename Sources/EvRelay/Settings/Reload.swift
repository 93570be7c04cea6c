// SPDX-License-Identifier: MIT

/// The part of a new configuration that a running service applies in a reload.
struct Reload: Sendable, Equatable {
    /// The configuration after the reload: as read, except for the settings that need a restart.
    let configuration: Configuration
    /// The names of the settings that change now.
    let changed: [String]
    /// The names of the settings that have changed but keep their value until a restart.
    let needsRestart: [String]

    /// Compares the running configuration with the one just read.
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
