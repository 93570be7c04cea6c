// SPDX-License-Identifier: MIT
import ArgumentParser

/// The flags as they were typed, under their titles. `Setting` has their meaning, defaults and ranges.
struct Options: ParsableArguments {
    @OptionGroup var file: SettingsOption
    @Flag(flag: .check) var check = false
    @OptionGroup(title: SettingGroup.listening.rawValue) var listening: SettingOptions<TitledFlags.Listening>
    @OptionGroup(title: SettingGroup.tls.rawValue) var tls: SettingOptions<TitledFlags.TLS>
    @OptionGroup(title: SettingGroup.access.rawValue) var access: SettingOptions<TitledFlags.Access>
    @OptionGroup(title: SettingGroup.limits.rawValue) var limits: SettingOptions<TitledFlags.Limits>
    @OptionGroup(title: SettingGroup.times.rawValue) var times: SettingOptions<TitledFlags.Times>
    @OptionGroup(title: SettingGroup.ages.rawValue) var ages: SettingOptions<TitledFlags.Ages>
    @OptionGroup(title: SettingGroup.operation.rawValue) var operation: SettingOptions<TitledFlags.Operation>

    /// The typed values by the settings' names; empty for a flag that was not typed.
    var typed: [String: [String]] {
        [listening.typed, tls.typed, access.typed, limits.typed, times.typed, ages.typed, operation.typed]
            .reduce(into: [:]) { all, group in all.merge(group) { first, _ in first } }
    }
}

/// The flags of each title of `--help`.
enum TitledFlags {
    enum Listening: TitledSettings { static let group = SettingGroup.listening }
    enum TLS: TitledSettings { static let group = SettingGroup.tls }
    enum Access: TitledSettings { static let group = SettingGroup.access }
    enum Limits: TitledSettings { static let group = SettingGroup.limits }
    enum Times: TitledSettings { static let group = SettingGroup.times }
    enum Ages: TitledSettings { static let group = SettingGroup.ages }
    enum Operation: TitledSettings { static let group = SettingGroup.operation }
}

/// The settings under one title.
protocol TitledSettings: SettingList {
    static var group: SettingGroup { get }
}

extension TitledSettings {
    static var settings: [Setting] { Setting.all.filter { $0.group == group } }
}

/// The flags that subcommands have, too, each in a list of its own.
///
/// A flag after a subcommand's name reaches the subcommand through the program's own flags if both use the same type,
/// and not at all if only the names are the same.
enum SharedFlags {
    enum Listen: SettingList { static let settings = [Setting.listen] }
    enum TLSListen: SettingList { static let settings = [Setting.tlsListen] }
    enum Keys: SettingList { static let settings = [Setting.keys] }
    enum TokenSecret: SettingList { static let settings = [Setting.tokenSecret] }
    enum PublicURL: SettingList { static let settings = [Setting.publicURL] }

    /// The lists by their setting's name.
    static let lists: [String: any SettingList.Type] = {
        let all: [any SettingList.Type] = [
            Listen.self, TLSListen.self, Keys.self, TokenSecret.self, PublicURL.self,
        ]
        return Dictionary(uniqueKeysWithValues: all.flatMap { list in list.settings.map { ($0.name, list) } })
    }()
}

/// `--config`, which subcommands have, too.
struct SettingsOption: ParsableArguments {
    @Option(flag: .config) var config: String?
}
