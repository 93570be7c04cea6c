// SPDX-License-Identifier: MIT

/// A flag that is not a setting of the service: of `evrelay` and `evrelay serve`, or of another command.
struct CommandFlag: Sendable {
    /// The flag without its dashes.
    let name: String
    /// The placeholder of the value in `--help`, one word; `nil` for a flag without a value.
    let valueName: String?
    /// The environment variable with the same meaning, if there is one.
    let variable: String?
    /// The flag's effect, in words for `--help`.
    let summary: String

    static let config = CommandFlag(
        name: "config", valueName: "file", variable: Setting.variablePrefix + "CONFIG",
        summary: "File of settings: the flags' variables, one a line; the environment beats it. SIGHUP reads it anew."
    )
    static let check = CommandFlag(
        name: "check", valueName: nil, variable: nil,
        summary: "Check flags, variables and files, print the settings that differ from their defaults, and end.")

    /// The flags of `evrelay` and `evrelay serve`, in the order of `--help` and of the reference.
    static let all = [config, check]

    /// The flag with its dashes.
    var flag: String { "--" + name }

    /// The help text: the summary, and the variable if there is one.
    var help: String { variable.map { "\(summary) (\($0))" } ?? summary }
}
