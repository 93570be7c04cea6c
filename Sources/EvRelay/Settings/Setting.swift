// SPDX-License-Identifier: MIT
import WireFormat

/// One row of the table of settings, from which help, checks, environment, reload and reference know a flag.
struct Setting: Sendable {
    /// The flag without its dashes: `max-connections`.
    let name: String
    /// The title of `--help` that lists the flag.
    let group: SettingGroup
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
    init<Value>(
        _ name: String, _ group: SettingGroup, _ field: Field<Value>, _ summary: String, valueName: String?,
        defaultText: String? = nil, acceptedText: String, isRepeatable: Bool = false, needsRestart: Bool = false,
        write: @escaping @Sendable (Value) -> [String],
        read: @escaping @Sendable ([String]) throws(ValueError) -> Value
    ) {
        self.name = name
        self.group = group
        self.valueName = valueName
        defaultValue = defaultText == nil ? write(Configuration()[keyPath: field]).joined(separator: ",") : ""
        self.defaultText = defaultText ?? defaultValue
        self.acceptedText = acceptedText
        self.summary = summary
        self.isRepeatable = isRepeatable
        self.needsRestart = needsRestart
        apply = { (values, configuration) throws(ValueError) in
            configuration[keyPath: field] = try read(values)
        }
        texts = { write($0[keyPath: field]) }
        copy = { $1[keyPath: field] = $0[keyPath: field] }
    }

    /// The flag: `--max-connections`.
    var flag: String { "--" + name }

    /// The environment variable: `EVRELAY_MAX_CONNECTIONS`.
    var variable: String { Self.variablePrefix + String(name.uppercased().map { $0 == "-" ? "_" : $0 }) }

    /// The prefix of every environment variable of EvRelay.
    static let variablePrefix = "EVRELAY_"

    /// The help text: summary, accepted values, default and variable.
    var help: String { "\(summary) (\(acceptedText); default: \(defaultText); \(variable))" }
}

extension Setting {
    /// Returns a setting with one value. If several are written, each is checked and the last counts.
    static func single<Value>(
        _ name: String, _ group: SettingGroup, _ field: Field<Value>, _ summary: String, valueName: String?,
        defaultText: String? = nil, acceptedText: String, needsRestart: Bool = false,
        text: @escaping @Sendable (Value) -> String?, parse: @escaping @Sendable (String) throws(ValueError) -> Value
    ) -> Setting {
        Setting(
            name, group, field, summary, valueName: valueName, defaultText: defaultText, acceptedText: acceptedText,
            needsRestart: needsRestart, write: { text($0).map { [$0] } ?? [] }
        ) { (values) throws(ValueError) in
            for value in values.dropLast() { _ = try parse(value) }
            return try parse(values.last ?? "")
        }
    }

    /// Returns a setting of a flag without a value.
    static func toggle(
        _ name: String, _ group: SettingGroup, _ field: Field<Bool>, _ summary: String, needsRestart: Bool = false
    ) -> Setting {
        single(
            name, group, field, summary, valueName: nil, acceptedText: "as a variable: on or off",
            needsRestart: needsRestart, text: { $0 ? "on" : "off" }, parse: Switch.parse)
    }

    /// Returns a setting that names a file, read at the start and on each reload.
    static func file(_ name: String, _ group: SettingGroup, _ field: Field<String?>, _ summary: String) -> Setting {
        single(
            name, group, field, summary, valueName: "file", defaultText: "none", acceptedText: fileText, text: { $0 }
        ) { (value) throws(ValueError) in
            try path(value)
        }
    }

    /// Returns a setting that names several files, read at the start and on each reload.
    static func files(_ name: String, _ group: SettingGroup, _ field: Field<[String]>, _ summary: String) -> Setting {
        Setting(
            name, group, field, summary, valueName: "file", defaultText: "none",
            acceptedText: "\(fileText); repeatable", isRepeatable: true, write: { $0 }
        ) { (values) throws(ValueError) in
            var paths: [String] = []
            for value in values { paths.append(try path(value)) }
            return paths
        }
    }

    private static let fileText = "a file, or credential:NAME for one that systemd loads"

    private static func path(_ value: String) throws(ValueError) -> String {
        guard !value.isEmpty, value != SecretFile.credentialPrefix else { throw ValueError(value, "empty") }
        return value
    }

    /// Reads the addresses of `--listen` or `--tls-listen`; none may be given twice.
    static func listenAddresses(_ values: [String]) throws(ValueError) -> [ListenAddress] {
        var addresses: [ListenAddress] = []
        for value in values {
            let address = try ListenAddress(parsing: value)
            guard !addresses.contains(address) else { throw ValueError(value, "given twice") }
            addresses.append(address)
        }
        return addresses
    }

    /// Returns a setting that is a whole number.
    static func count(
        _ name: String, _ group: SettingGroup, _ field: Field<Int>,
        _ range: ClosedRange<Int>, _ summary: String, defaultText: String? = nil, needsRestart: Bool = false
    ) -> Setting {
        ranged(
            name, group, field, range, summary, valueName: "n", defaultText: defaultText, needsRestart: needsRestart,
            text: { "\($0)" }, parse: WholeNumber.parse)
    }

    /// Returns a setting that is a size in bytes.
    static func size(
        _ name: String, _ group: SettingGroup, _ field: Field<Int>, _ range: ClosedRange<Int>, _ summary: String,
        needsRestart: Bool = false
    ) -> Setting {
        ranged(
            name, group, field, range, summary, valueName: "size", needsRestart: needsRestart, text: ByteSize.text,
            parse: ByteSize.parse)
    }

    /// Returns a setting that is a time.
    static func time(
        _ name: String, _ group: SettingGroup, _ field: Field<Duration>, _ range: ClosedRange<Duration>,
        _ summary: String
    ) -> Setting {
        ranged(name, group, field, range, summary, valueName: "time", text: TimeSpan.text, parse: TimeSpan.parse)
    }

    /// Returns a setting that is one of a few words.
    static func word<Value: RawRepresentable<String> & CaseIterable & Sendable>(
        _ name: String, _ group: SettingGroup, _ field: Field<Value>, _ summary: String, valueName: String,
        needsRestart: Bool = false
    ) -> Setting {
        single(
            name, group, field, summary, valueName: valueName,
            acceptedText: Value.allCases.map(\.rawValue).joined(separator: ", "), needsRestart: needsRestart,
            text: \.rawValue
        ) { (value) throws(ValueError) in
            guard let word = Value(rawValue: value) else { throw ValueError(value, "not a \(valueName)") }
            return word
        }
    }

    private static func ranged<Value: Comparable & Sendable>(
        _ name: String, _ group: SettingGroup, _ field: Field<Value>, _ range: ClosedRange<Value>, _ summary: String,
        valueName: String, defaultText: String? = nil, needsRestart: Bool = false,
        text: @escaping @Sendable (Value) -> String, parse: @escaping @Sendable (String) throws(ValueError) -> Value
    ) -> Setting {
        single(
            name, group, field, summary, valueName: valueName, defaultText: defaultText,
            acceptedText: "\(text(range.lowerBound)) to \(text(range.upperBound))", needsRestart: needsRestart,
            text: text
        ) { (value) throws(ValueError) in
            let parsed = try parse(value)
            guard range.contains(parsed) else { throw ValueError(value, "out of range") }
            return parsed
        }
    }
}
