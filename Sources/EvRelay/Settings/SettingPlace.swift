// SPDX-License-Identifier: MIT

/// The titles under which `--help` and the reference list the settings, in their order.
enum SettingGroup: String, Sendable, CaseIterable {
    case listening = "Listening"
    case tls = "TLS"
    case access = "Rights, origins and proxies"
    case limits = "Limits"
    case times = "Time limits"
    case ages = "Ages of a camera's latest frame"
    case operation = "Pages and log"
}

/// The place of a setting in `--help` and in the reference.
///
/// A number inside the title, since settings of several features share a title: each feature's rows lie together, and
/// the table is sorted. The numbers have gaps of ten for rows to come.
struct SettingPlace: Sendable, Comparable {
    /// The title.
    let group: SettingGroup
    /// The place below the title, in the order of the numbers.
    let number: Int

    static func listening(_ number: Int) -> SettingPlace { SettingPlace(group: .listening, number: number) }
    static func tls(_ number: Int) -> SettingPlace { SettingPlace(group: .tls, number: number) }
    static func access(_ number: Int) -> SettingPlace { SettingPlace(group: .access, number: number) }
    static func limits(_ number: Int) -> SettingPlace { SettingPlace(group: .limits, number: number) }
    static func times(_ number: Int) -> SettingPlace { SettingPlace(group: .times, number: number) }
    static func ages(_ number: Int) -> SettingPlace { SettingPlace(group: .ages, number: number) }
    static func operation(_ number: Int) -> SettingPlace { SettingPlace(group: .operation, number: number) }

    static func < (one: SettingPlace, other: SettingPlace) -> Bool { one.order < other.order }

    private var order: (Int, Int) { (SettingGroup.allCases.firstIndex(of: group) ?? 0, number) }
}
