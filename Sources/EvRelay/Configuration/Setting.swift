// SPDX-License-Identifier: MIT

/// One row of the table of settings: all that help, checks, environment and reference know about a flag.
struct Setting: Sendable {
    /// The flag without its dashes: `max-connections`.
    let name: String
    /// Under which title of `--help` it stands.
    let group: SettingGroup
    /// What follows the flag, in one word of `--help`: `n`, `size`, `time`; `nil` for a flag without a value.
    let valueName: String?
    /// The default as it would be written.
    let defaultText: String
    /// What is accepted: `1 to 256`.
    let acceptedText: String
    /// What it does, in one or two sentences.
    let summary: String
    /// Whether the flag may stand several times, and its variable hold several values between commas.
    var isRepeatable = false
    /// Reads what was written, one value unless repeatable, into the configuration.
    let apply: @Sendable (_ values: [String], _ configuration: inout Configuration) throws(ValueError) -> Void

    /// A field of the configuration that a setting writes.
    typealias Field<Value> = any WritableKeyPath<Configuration, Value> & Sendable

    /// The flag: `--max-connections`.
    var flag: String { "--" + name }

    /// The environment variable: `EVRELAY_MAX_CONNECTIONS`.
    var variable: String { Self.variablePrefix + String(name.uppercased().map { $0 == "-" ? "_" : $0 }) }

    /// How every variable of ours begins.
    static let variablePrefix = "EVRELAY_"

    /// The words of `--help`.
    var help: String { "\(summary) (\(acceptedText); default: \(defaultText); \(variable))" }
}

extension Setting {
    /// A whole number.
    static func count(
        _ name: String, _ group: SettingGroup, _ field: Field<Int>,
        _ range: ClosedRange<Int>, _ summary: String, defaultText: String? = nil
    ) -> Setting {
        ranged(
            name, group, field, range, summary, valueName: "n", defaultText: defaultText, text: { "\($0)" },
            parse: WholeNumber.parse)
    }

    /// A size in bytes.
    static func size(
        _ name: String, _ group: SettingGroup, _ field: Field<Int>, _ range: ClosedRange<Int>, _ summary: String
    ) -> Setting {
        ranged(
            name, group, field, range, summary, valueName: "size", text: ByteSize.text, parse: ByteSize.parse)
    }

    /// A time.
    static func time(
        _ name: String, _ group: SettingGroup, _ field: Field<Duration>, _ range: ClosedRange<Duration>,
        _ summary: String
    ) -> Setting {
        ranged(name, group, field, range, summary, valueName: "time", text: TimeSpan.text, parse: TimeSpan.parse)
    }

    private static func ranged<Value: Comparable & Sendable>(
        _ name: String, _ group: SettingGroup, _ field: Field<Value>, _ range: ClosedRange<Value>, _ summary: String,
        valueName: String, defaultText: String? = nil, text: (Value) -> String,
        parse: @escaping @Sendable (String) throws(ValueError) -> Value
    ) -> Setting {
        Setting(
            name: name, group: group, valueName: valueName,
            defaultText: defaultText ?? text(Configuration()[keyPath: field]),
            acceptedText: "\(text(range.lowerBound)) to \(text(range.upperBound))", summary: summary
        ) { (values, configuration) throws(ValueError) in
            for value in values {
                let parsed = try parse(value)
                guard range.contains(parsed) else { throw ValueError(value, "out of range") }
                configuration[keyPath: field] = parsed
            }
        }
    }
}
