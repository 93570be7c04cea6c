// SPDX-License-Identifier: MIT
import WireFormat

extension Setting {
    /// Returns a setting with one value. If several are written, each is checked and the last counts.
    static func single<Value>(
        _ name: String, _ place: SettingPlace, _ kind: SettingKind, _ field: Field<Value>, _ summary: String,
        valueName: String? = nil, defaultText: String? = nil, needsRestart: Bool = false,
        text: @escaping @Sendable (Value) -> String?, parse: @escaping @Sendable (String) throws(ValueError) -> Value
    ) -> Setting {
        Setting(
            name, place, kind, field, summary, valueName: valueName, defaultText: defaultText,
            needsRestart: needsRestart, write: { text($0).map { [$0] } ?? [] }
        ) { (values) throws(ValueError) in
            for value in values.dropLast() { _ = try parse(value) }
            return try parse(values.last ?? "")
        }
    }

    /// Returns a setting with several values; `insert` adds each to those before it.
    static func list<Value: Sendable>(
        _ name: String, _ place: SettingPlace, _ kind: SettingKind, _ field: Field<Value>, _ summary: String,
        empty: Value, defaultText: String? = nil, acceptedText: String? = nil, needsRestart: Bool = false,
        texts: @escaping @Sendable (Value) -> [String],
        insert: @escaping @Sendable (inout Value, String) throws(ValueError) -> Void
    ) -> Setting {
        Setting(
            name, place, kind, field, summary, defaultText: defaultText, acceptedText: acceptedText,
            isRepeatable: true, needsRestart: needsRestart, write: texts
        ) { (values) throws(ValueError) in
            var all = empty
            for value in values { try insert(&all, value) }
            return all
        }
    }

    /// Returns a setting of a flag without a value.
    static func toggle(
        _ name: String, _ place: SettingPlace, _ field: Field<Bool>, _ summary: String, needsRestart: Bool = false
    ) -> Setting {
        single(
            name, place, .toggle, field, summary, needsRestart: needsRestart, text: { $0 ? "on" : "off" },
            parse: Switch.parse)
    }

    /// Returns a setting that names a file, read at the start and on each reload.
    static func file(_ name: String, _ place: SettingPlace, _ field: Field<String?>, _ summary: String) -> Setting {
        single(name, place, .file, field, summary, defaultText: "none", text: { $0 }, parse: path)
    }

    /// Returns a setting that names several files, read at the start and on each reload.
    static func files(_ name: String, _ place: SettingPlace, _ field: Field<[String]>, _ summary: String) -> Setting {
        list(name, place, .file, field, summary, empty: [], defaultText: "none", texts: { $0 }) {
            (paths, value) throws(ValueError) in
            paths.append(try path(value))
        }
    }

    private static func path(_ value: String) throws(ValueError) -> String {
        guard !value.isEmpty, value != SecretFile.credentialPrefix else { throw ValueError(value, "empty") }
        return value
    }

    /// Returns a setting of addresses to listen on; none may be given twice.
    static func addresses(
        _ name: String, _ place: SettingPlace, _ field: Field<[ListenAddress]>, _ summary: String,
        defaultText: String? = nil, acceptedText: String? = nil
    ) -> Setting {
        list(
            name, place, .address, field, summary, empty: [], defaultText: defaultText, acceptedText: acceptedText,
            needsRestart: true, texts: { $0.map(\.description) }
        ) { (addresses, value) throws(ValueError) in
            let address = try ListenAddress(parsing: value)
            guard !addresses.contains(address) else { throw ValueError(value, "given twice") }
            addresses.append(address)
        }
    }

    /// Returns a setting that is a whole number.
    static func count(
        _ name: String, _ place: SettingPlace, _ field: Field<Int>, _ range: ClosedRange<Int>, _ summary: String,
        defaultText: String? = nil, needsRestart: Bool = false
    ) -> Setting {
        single(
            name, place, .count(range), field, summary, defaultText: defaultText, needsRestart: needsRestart,
            text: { "\($0)" }, parse: inside(range, WholeNumber.parse))
    }

    /// Returns a setting that is a size in bytes.
    static func size(
        _ name: String, _ place: SettingPlace, _ field: Field<Int>, _ range: ClosedRange<Int>, _ summary: String,
        needsRestart: Bool = false
    ) -> Setting {
        single(
            name, place, .size(range), field, summary, needsRestart: needsRestart, text: ByteSize.text,
            parse: inside(range, ByteSize.parse))
    }

    /// Returns a setting that is a time.
    static func time(
        _ name: String, _ place: SettingPlace, _ field: Field<Duration>, _ range: ClosedRange<Duration>,
        _ summary: String
    ) -> Setting {
        single(
            name, place, .time(range), field, summary, text: TimeSpan.text, parse: inside(range, TimeSpan.parse))
    }

    /// Returns a setting that is one of a few words.
    static func word<Value: RawRepresentable<String> & CaseIterable & Sendable>(
        _ name: String, _ place: SettingPlace, _ field: Field<Value>, _ summary: String, valueName: String,
        needsRestart: Bool = false
    ) -> Setting {
        single(
            name, place, .word(Value.allCases.map(\.rawValue)), field, summary, valueName: valueName,
            needsRestart: needsRestart, text: \.rawValue
        ) { (value) throws(ValueError) in
            guard let word = Value(rawValue: value) else { throw ValueError(value, "not a \(valueName)") }
            return word
        }
    }

    /// Returns a reader that refuses values outside `range`.
    static func inside<Value: Comparable & Sendable>(
        _ range: ClosedRange<Value>, _ parse: @escaping @Sendable (String) throws(ValueError) -> Value
    ) -> @Sendable (String) throws(ValueError) -> Value {
        { (value) throws(ValueError) in
            let parsed = try parse(value)
            guard range.contains(parsed) else { throw ValueError(value, "out of range") }
            return parsed
        }
    }
}

extension Duration {
    static func minutes(_ minutes: Int) -> Duration { .seconds(60 * minutes) }
    static func hours(_ hours: Int) -> Duration { .seconds(3600 * hours) }
}
