// SPDX-License-Identifier: MIT
import WireFormat

/// One row of the table of settings, from which help, checks, environment, reload and reference know a flag.
struct Setting: Sendable {
    /// The flag without its dashes: `max-connections`.
    let name: String
    /// The place in `--help`.
    let place: SettingPlace
    /// The values it takes.
    let kind: SettingKind
    /// The placeholder of the value in `--help`: `n`, `size`, `time`; `nil` for a flag without a value.
    let valueName: String?
    /// The default as it would be written; in words if it depends on the machine or there is none.
    let defaultText: String
    /// The default as it could be written; empty if `defaultText` has words, since an empty value means the default.
    let defaultValue: String
    /// The accepted values: `1 to 256`.
    let acceptedText: String
    /// The setting's effect, in one or two sentences.
    let summary: String
    /// True when the flag may be given several times, and its variable may hold several values separated by commas.
    let isRepeatable: Bool
    /// True when a running service cannot change it.
    let needsRestart: Bool
    /// Reads the written values, one unless repeatable, into the configuration.
    let apply: @Sendable (_ values: [String], _ configuration: inout Configuration) throws(ValueError) -> Void
    /// The configuration's value as it could be written: none, one, or, if repeatable, several.
    let texts: @Sendable (_ configuration: Configuration) -> [String]
    /// Copies the value from one configuration to another.
    let copy: @Sendable (_ source: Configuration, _ target: inout Configuration) -> Void

    /// A field of the configuration that a setting writes.
    typealias Field<Value> = any WritableKeyPath<Configuration, Value> & Sendable

    /// Creates a setting of `field`: `read` parses at least one written value, `write` turns the field back into text.
    /// Placeholder and accepted values are the kind's unless they are given.
    init<Value>(
        _ name: String, _ place: SettingPlace, _ kind: SettingKind, _ field: Field<Value>, _ summary: String,
        valueName: String? = nil, defaultText: String? = nil, acceptedText: String? = nil, isRepeatable: Bool = false,
        needsRestart: Bool = false, write: @escaping @Sendable (Value) -> [String],
        read: @escaping @Sendable ([String]) throws(ValueError) -> Value
    ) {
        self.name = name
        self.place = place
        self.kind = kind
        self.valueName = valueName ?? kind.valueName
        defaultValue = defaultText == nil ? write(Configuration()[keyPath: field]).joined(separator: ",") : ""
        self.defaultText = defaultText ?? defaultValue
        self.acceptedText = (acceptedText ?? kind.acceptedText) + (isRepeatable ? "; repeatable" : "")
        self.summary = summary
        self.isRepeatable = isRepeatable
        self.needsRestart = needsRestart
        apply = { (values, configuration) throws(ValueError) in
            configuration[keyPath: field] = try read(values)
        }
        texts = { write($0[keyPath: field]) }
        copy = { $1[keyPath: field] = $0[keyPath: field] }
    }

    /// The title of `--help` that lists the flag.
    var group: SettingGroup { place.group }

    /// The flag: `--max-connections`.
    var flag: String { "--" + name }

    /// The environment variable: `EVRELAY_MAX_CONNECTIONS`.
    var variable: String { Self.variablePrefix + String(name.uppercased().map { $0 == "-" ? "_" : $0 }) }

    /// The prefix of every environment variable of EvRelay.
    static let variablePrefix = "EVRELAY_"

    /// The help text: summary, accepted values, default and variable.
    var help: String { "\(summary) (\(acceptedText); default: \(defaultText); \(variable))" }
}
