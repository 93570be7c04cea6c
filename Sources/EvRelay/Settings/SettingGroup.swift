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
