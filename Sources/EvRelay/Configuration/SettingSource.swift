// SPDX-License-Identifier: MIT

/// Where a value was written.
enum SettingSource: Sendable, Equatable, CustomStringConvertible {
    /// On the command line: `--max-viewers`.
    case flag(String)
    /// In the environment: `EVRELAY_MAX_VIEWERS`.
    case variable(String)
    /// In the configuration file.
    case line(String, path: String, number: Int)

    /// The place, so that the reader finds it.
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

    /// A value with the place it was written in.
    func with(_ value: String) -> String { isInFile ? "\(self): \(value)" : "\(self) \(value)" }
}
