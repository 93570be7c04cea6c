// SPDX-License-Identifier: MIT

/// The configuration file that a package installs: every setting explained, and commented out at its default.
enum SettingsTemplate {
    /// The settings that are not commented out: the package's service gets its sockets from its socket unit.
    static let active = [Setting.listen.name: "systemd"]

    private static let columns = 90

    /// Returns the file's text.
    static func text() -> String {
        var lines = comment(
            """
            Settings of EvRelay. Remove the # before a line to change what is behind it, then: systemctl reload evrelay \
            (or restart, where it says so). 'evrelay --config FILE --check' tells whether a file is valid; evrelay(1) \
            and configuration.md beside the other documents say more about each setting.
            """)
        for group in SettingGroup.allCases {
            lines += ["", "", "# ---- \(group.rawValue) ----"]
            for setting in Setting.all where setting.group == group { lines += [""] + entry(setting) }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func entry(_ setting: Setting) -> [String] {
        var lines = comment(setting.summary)
        lines += comment("Accepted: \(setting.acceptedText). Default: \(setting.defaultText).")
        if setting.isRepeatable { lines += comment("Several stand between commas.") }
        if setting.needsRestart { lines += comment("Changes with a restart only.") }
        if let value = active[setting.name] { return lines + ["\(setting.variable)=\(value)"] }
        return lines + ["#\(setting.variable)=\(setting.defaultValue)"]
    }

    /// Returns `text` as comment lines of at most `columns` columns.
    private static func comment(_ text: String) -> [String] {
        var lines = ["#"]
        for word in text.split(separator: " ") {
            if lines[lines.count - 1].count + 1 + word.count > columns { lines.append("#") }
            lines[lines.count - 1] += " " + word
        }
        return lines
    }
}
