// SPDX-License-Identifier: MIT
import WireFormat

/// The place where a value was written.
enum SettingSource: Sendable, Equatable, CustomStringConvertible {
    /// A flag on the command line: `--max-viewers`.
    case flag(String)
    /// A variable of the environment: `EVRELAY_MAX_VIEWERS`.
    case variable(String)
    /// A line of the configuration file.
    case line(String, path: String, number: Int)

    /// The place as text, for messages.
    var description: String {
        switch self {
        case .flag(let flag): flag
        case .variable(let name): PrintableText.escaped(name)
        case .line(let name, let path, let number):
            "\(PrintableText.escaped(name)) in \(PrintableText.escaped(path)), line \(number)"
        }
    }

    /// True for a line of the configuration file.
    var isInFile: Bool { if case .line = self { true } else { false } }

    /// Returns a value with the place where it was written.
    func with(_ value: String) -> String { isInFile ? "\(self): \(value)" : "\(self) \(value)" }
}
