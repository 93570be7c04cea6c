// SPDX-License-Identifier: MIT
import WireFormat

/// The reasons why the settings cannot be used.
enum ConfigurationError: Error, Equatable {
    /// One value is wrong.
    case wrongValue(source: SettingSource, value: String, reason: String, accepted: String)
    /// Two values do not fit together; each text names its source and value.
    case conflict(String, String, rule: String)
    /// An unknown name: of an environment variable with EvRelay's prefix, or in the configuration file.
    case unknownName(SettingSource)
    /// A line of the configuration file is malformed.
    case wrongLine(path: String, number: Int, reason: String)
    /// The configuration file cannot be read, is too large, or is not text.
    case unusableFile(path: String, reason: String)
    /// A file that a setting names cannot be read, has wrong contents, or can be read by other users.
    case unusableSecret(flag: String, path: String, reason: String)
    /// `--private` without any key and without a link secret: nobody could view.
    case nobodyMayView

    /// The exit status of sysexits.h: 64 (usage) for wrong values, names and lines, typed or in a file; otherwise 78
    /// (configuration).
    var exitStatus: Int32 {
        switch self {
        case .unusableFile, .unusableSecret, .nobodyMayView: 78
        case .wrongValue, .conflict, .unknownName, .wrongLine: 64
        }
    }

    /// One line that names what is wrong and what would be right.
    var message: String {
        switch self {
        case .wrongValue(let source, let value, let reason, let accepted):
            "wrong value: \(source.with("'\(PrintableText.escaped(value))'")): \(reason); accepted: \(accepted)"
        case .conflict(let first, let second, let rule):
            "wrong values: \(first) and \(second); accepted: \(rule)"
        case .unknownName(let source):
            "unknown \(source.isInFile ? "setting" : "environment variable"): \(source); "
                + "accepted: those that 'evrelay --help' lists"
        case .wrongLine(let path, let number, let reason):
            "wrong line: \(PrintableText.escaped(path)), line \(number): \(reason)"
        case .unusableFile(let path, let reason):
            "unusable configuration file: \(PrintableText.escaped(path)): \(reason)"
        case .unusableSecret(let flag, let path, let reason):
            "unusable file: \(flag) \(PrintableText.escaped(path)): \(PrintableText.escaped(reason))"
        case .nobodyMayView:
            "\(Setting.isPrivate.flag) without any key and without a secret of links: nobody could view; accepted: "
                + "\(Setting.keys.flag) with at least one key, or \(Setting.tokenSecret.flag)"
        }
    }
}
