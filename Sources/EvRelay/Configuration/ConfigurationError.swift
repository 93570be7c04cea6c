// SPDX-License-Identifier: MIT

/// Why the settings cannot be used. The process ends with 64 (EX_USAGE).
enum ConfigurationError: Error, Equatable {
    /// One value is wrong. `source` is the flag or the environment variable it was written in.
    case wrongValue(source: String, value: String, reason: String, accepted: String)
    /// Two values do not fit together; each text names its source and value.
    case conflict(String, String, rule: String)
    /// A variable begins with our prefix and is none of ours.
    case unknownVariable(String)

    /// One line that names what is wrong and what would be right.
    var message: String {
        switch self {
        case .wrongValue(let source, let value, let reason, let accepted):
            "wrong value: \(source) '\(PrintableText.escaped(value))': \(reason); accepted: \(accepted)"
        case .conflict(let first, let second, let rule):
            "wrong values: \(first) and \(second); accepted: \(rule)"
        case .unknownVariable(let name):
            "unknown environment variable: \(PrintableText.escaped(name)); accepted: those that 'evrelay --help' lists"
        }
    }
}
