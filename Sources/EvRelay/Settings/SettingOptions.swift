// SPDX-License-Identifier: MIT
import ArgumentParser

/// A list of settings whose flags are read together.
///
/// A type of its own, since ArgumentParser makes an instance without arguments to learn which flags there are.
protocol SettingList: SendableMetatype {
    static var settings: [Setting] { get }
}

/// The flags of a list of settings, made from their rows, and the values that were typed.
///
/// ArgumentParser finds flags as the children of a mirror and reads their values through `Decodable`, so both are
/// written out here in place of properties.
struct SettingOptions<List: SettingList>: ParsableArguments {
    /// The typed values by the setting's name; empty for a flag that was not typed.
    let typed: [String: [String]]

    init() {
        typed = [:]
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: SettingKey.self)
        var typed: [String: [String]] = [:]
        for setting in List.settings {
            typed[setting.name] =
                if let shared = Self.shared(setting) {
                    try Self.typed(setting, in: shared, values)
                } else {
                    try setting.typed(values)
                }
        }
        self.typed = typed
    }

    /// The list by which the flag reaches subcommands; nil for other flags, and inside that list itself.
    private static func shared(_ setting: Setting) -> (any SettingList.Type)? {
        guard let list = SharedFlags.lists[setting.name], list != List.self else { return nil }
        return list
    }

    private static func definition<Shared: SettingList>(of list: Shared.Type) -> Any {
        OptionGroup<SettingOptions<Shared>>()
    }

    private static func typed<Shared: SettingList>(
        _ setting: Setting, in list: Shared.Type, _ values: KeyedDecodingContainer<SettingKey>
    ) throws -> [String] {
        let group = try values.decode(OptionGroup<SettingOptions<Shared>>.self, forKey: SettingKey(setting))
        return group.wrappedValue.typed[setting.name] ?? []
    }
}

extension SettingOptions: CustomReflectable {
    /// The definitions of the flags by the settings' names.
    var customMirror: Mirror {
        Mirror(
            self,
            children: List.settings.map { setting -> Mirror.Child in
                if let shared = Self.shared(setting) {
                    (label: setting.name, value: Self.definition(of: shared))
                } else {
                    (label: setting.name, value: setting.definition)
                }
            })
    }
}

/// A setting's name as the key of its typed values.
private struct SettingKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ setting: Setting) { stringValue = setting.name }

    init?(stringValue: String) { self.stringValue = stringValue }

    init?(intValue: Int) { nil }
}

extension Setting {
    /// The flag as ArgumentParser defines one.
    ///
    /// Values are taken verbatim ("unconditional"), so that `--threads -5` is refused by its range and not as a
    /// "missing value".
    fileprivate var definition: Any {
        if valueName == nil { return Flag<Bool>(wrappedValue: false, name: .customLong(name), help: argumentHelp) }
        if isRepeatable {
            return Option<[String]>(
                wrappedValue: [], name: .customLong(name), parsing: .unconditionalSingleValue, help: argumentHelp)
        }
        return Option<String?>(name: .customLong(name), parsing: .unconditional, help: argumentHelp)
    }

    private var argumentHelp: ArgumentHelp {
        var help = ArgumentHelp(stringLiteral: help)
        help.valueName = valueName
        return help
    }

    /// Returns the values that were typed for the flag; a flag without a value has its variable's `on`.
    fileprivate func typed(_ values: KeyedDecodingContainer<SettingKey>) throws -> [String] {
        let key = SettingKey(self)
        if valueName == nil { return try values.decode(Flag<Bool>.self, forKey: key).wrappedValue ? ["on"] : [] }
        if isRepeatable { return try values.decode(Option<[String]>.self, forKey: key).wrappedValue }
        return try values.decode(Option<String?>.self, forKey: key).wrappedValue.map { [$0] } ?? []
    }
}
