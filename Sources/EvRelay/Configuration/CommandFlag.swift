// SPDX-License-Identifier: MIT

/// A flag of `evrelay` and `evrelay serve` that is no setting of the service: it says where to read or what to do.
struct CommandFlag: Sendable {
    /// The flag without its dashes.
    let name: String
    /// What follows the flag, in one word of `--help`; `nil` for a flag without a value.
    let valueName: String?
    /// The environment variable that stands for it, if there is one.
    let variable: String?
    /// What it does.
    let summary: String

    static let config = CommandFlag(
        name: "config", valueName: "file", variable: Setting.variablePrefix + "CONFIG",
        summary: "File of settings: the flags' variables, one a line; the environment beats it. SIGHUP reads it anew."
    )
    static let check = CommandFlag(
        name: "check", valueName: nil, variable: nil,
        summary: "Check flags, variables and files, print the settings that differ from their defaults, and end.")

    /// In the order of `--help` and of the reference.
    static let all = [config, check]

    /// The flag with its dashes.
    var flag: String { "--" + name }

    /// The words of `--help`.
    var help: String { variable.map { "\(summary) (\($0))" } ?? summary }
}
