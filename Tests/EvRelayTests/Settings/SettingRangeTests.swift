// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@testable import EvRelay

/// The ranges and defaults of all rows. That they are the promised ones is the matter of `HelpAndReferenceTests`, which
/// compares them with the reference.
@Suite struct SettingRangeTests {
    /// The names of the settings with a range.
    private static let ranged = Setting.all.filter { $0.kind.bounds != nil }.map(\.name)

    private func setting(_ name: String) throws -> Setting {
        try #require(Setting.all.first { $0.name == name })
    }

    @Test(arguments: Setting.all.map(\.name))
    func `the default is the promised one`(_ name: String) throws {
        let setting = try setting(name)
        #expect(!setting.defaultText.isEmpty)
        guard !setting.defaultValue.isEmpty else { return }
        #expect(setting.defaultText == setting.defaultValue)
        #expect(setting.texts(Configuration()).joined(separator: ",") == setting.defaultValue)
        var configuration = Configuration()
        try setting.apply([setting.defaultValue], &configuration)
        #expect(configuration == Configuration())
    }

    @Test(arguments: ranged)
    func `the lowest value is accepted`(_ name: String) throws {
        let setting = try setting(name)
        let lowest = try #require(setting.kind.bounds).lowest
        var configuration = Configuration()
        try setting.apply([lowest], &configuration)
        #expect(setting.texts(configuration) == [lowest])
    }

    @Test(arguments: ranged)
    func `the highest value is accepted`(_ name: String) throws {
        let setting = try setting(name)
        let highest = try #require(setting.kind.bounds).highest
        var configuration = Configuration()
        try setting.apply([highest], &configuration)
        #expect(setting.texts(configuration) == [highest])
    }

    @Test(arguments: ranged)
    func `one below and one above are refused with the range`(_ name: String) throws {
        let setting = try setting(name)
        let bounds = try #require(setting.kind.bounds)
        #expect(setting.acceptedText == "\(bounds.lowest) to \(bounds.highest)")
        for value in [bounds.below, bounds.above] {
            let error = try #require(throws: ConfigurationError.self) {
                try SettingSources(typed: [name: [value]], environment: [:]).configuration(cores: 1)
            }
            // Sizes and times have no sign, so below zero they are not numbers at all.
            let reason =
                value.hasPrefix("-") && setting.valueName != "n" ? "does not begin with a whole number" : "out of range"
            #expect(
                error.message
                    == "wrong value: --\(name) '\(value)': \(reason); accepted: \(bounds.lowest) to \(bounds.highest)")
        }
    }

    @Test func `draining may take from no time to ten minutes`() throws {
        #expect(Configuration().timeouts.drain == .seconds(4))
        #expect(try configuration("--drain-timeout", "0s").timeouts.drain == .zero)
        #expect(try configuration("--drain-timeout", "10m").timeouts.drain == .seconds(600))
        #expect(throws: ConfigurationError.self) { try configuration("--drain-timeout", "600001ms") }
        #expect(throws: ConfigurationError.self) { try configuration("--drain-timeout", "-1s") }
    }
}
