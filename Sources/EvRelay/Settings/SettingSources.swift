// SPDX-License-Identifier: MIT
import WireFormat

/// The flags, the environment and the configuration file, from which a configuration is made. A flag overrides its
/// variable, the variable overrides the file, and the file overrides the default.
struct SettingSources: Sendable {
    /// The typed values by the setting's name; none for a flag that was not given.
    let typed: [String: [String]]
    /// The process's environment. An empty variable counts as not set.
    let environment: [String: String]
    /// The configuration file, if one was named. An empty value counts as not set.
    var file: SettingsFile?

    /// Prefixes of variables that Kubernetes and Docker set in a container next to a service named `evrelay`. They are
    /// ignored, and no setting's variable may begin with one.
    static let foreignPrefixes = ["EVRELAY_SERVICE_HOST", "EVRELAY_SERVICE_PORT", "EVRELAY_PORT"]

    /// Returns the checked configuration for a machine with `cores` usable cores.
    func configuration(cores: Int) throws(ConfigurationError) -> Configuration {
        try refuseUnknownVariables()
        var configuration = Configuration(cores: cores)
        for setting in Setting.all {
            guard let (source, values) = written(setting) else { continue }
            do {
                try setting.apply(values, &configuration)
            } catch {
                throw .wrongValue(
                    source: source, value: error.value, reason: error.reason, accepted: setting.acceptedText)
            }
        }
        try refuseConflicts(configuration)
        return configuration
    }

    /// Returns the settings of a configuration made from these sources that differ from `defaults`: flag, value and
    /// place.
    func differences(_ configuration: Configuration, from defaults: Configuration) -> [String] {
        Setting.all.compactMap { setting in
            let texts = setting.texts(configuration)
            guard let source = written(setting)?.source, texts != setting.texts(defaults) else { return nil }
            let place = if case .flag = source { "command line" } else { source.description }
            return "\(setting.flag) \(PrintableText.escaped(texts.joined(separator: ","))) (\(place))"
        }
    }

    private func refuseUnknownVariables() throws(ConfigurationError) {
        let known = Set(Setting.all.map(\.variable) + CommandFlag.all.compactMap(\.variable))
        // Sorted, so that the same one of several is named each time.
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix(Setting.variablePrefix) {
            let isForeign = Self.foreignPrefixes.contains { name == $0 || name.hasPrefix($0 + "_") }
            guard value.isEmpty || isForeign || known.contains(name) else { throw .unknownName(.variable(name)) }
        }
    }

    /// Returns the place and the values of a setting as written; `nil` leaves the default.
    private func written(_ setting: Setting) -> (source: SettingSource, values: [String])? {
        if let values = typed[setting.name], !values.isEmpty { return (.flag(setting.flag), values) }
        let name = setting.variable
        if let value = environment[name], !value.isEmpty { return (.variable(name), Self.values(value, setting)) }
        guard let file, let entry = file.entries[name], !entry.value.isEmpty else { return nil }
        return (.line(name, path: file.path, number: entry.line), Self.values(entry.value, setting))
    }

    private static func values(_ text: String, _ setting: Setting) -> [String] {
        guard setting.isRepeatable else { return [text] }
        let values = text.split(separator: ",", omittingEmptySubsequences: false)
        return values.map { String($0.trimmingPrefix(while: \.isWhitespace)) }
    }

    private func refuseConflicts(_ configuration: Configuration) throws(ConfigurationError) {
        let (ages, limits) = (configuration.ages, configuration.limits)
        if ages.offline < ages.stale {
            throw conflict(
                .offlineAfter, TimeSpan.text(ages.offline), .staleAfter, TimeSpan.text(ages.stale), "not below")
        }
        if ages.forget < ages.offline {
            throw conflict(
                .forgetAfter, TimeSpan.text(ages.forget), .offlineAfter, TimeSpan.text(ages.offline), "not below")
        }
        let tls = configuration.tls
        if tls.certificates.count != tls.keys.count {
            throw conflict(
                .tlsCertificate, Self.list(tls.certificates), .tlsKey, Self.list(tls.keys), "as often as")
        }
        if !tls.listen.isEmpty && !tls.hasCertificate {
            throw conflict(
                .tlsListen, tls.listen.map(\.description).joined(separator: ","), .tlsCertificate, "none",
                "only with --tls-self-signed or")
        }
        if limits.frameMemoryBytes / 4 < limits.maxFrameBytes {
            throw conflict(
                .frameMemory, ByteSize.text(limits.frameMemoryBytes), .maxFrameBytes,
                ByteSize.text(limits.maxFrameBytes), "at least four times")
        }
    }

    private static func list(_ paths: [String]) -> String { paths.isEmpty ? "none" : paths.joined(separator: ",") }

    private func conflict(
        _ first: Setting, _ firstText: String, _ second: Setting, _ secondText: String, _ rule: String
    ) -> ConfigurationError {
        .conflict(
            label(first, firstText), label(second, secondText), rule: "\(first.flag) \(rule) \(second.flag)")
    }

    /// Returns a value with the place where it was written, or as the default.
    private func label(_ setting: Setting, _ text: String) -> String {
        guard let source = written(setting)?.source else { return "\(setting.flag) \(text) (the default)" }
        return source.with(text)
    }
}
