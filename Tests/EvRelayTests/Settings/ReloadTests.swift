// SPDX-License-Identifier: MIT
import Testing

@testable import EvRelay

@Suite struct ReloadTests {
    private let samples = SettingSamples.drawn

    @Test func `nothing written anew changes nothing`() {
        let reload = Reload(running: Configuration(), read: Configuration())
        #expect(reload.configuration == Configuration())
        #expect(reload.changed == [])
        #expect(reload.needsRestart == [])
    }

    @Test(arguments: Setting.all.map(\.name))
    func `a setting is taken over and named, or named and left until a restart`(_ name: String) throws {
        let setting = try #require(Setting.all.first { $0.name == name })
        let read = try samples.changed(setting)
        #expect(read != Configuration(), "EVRELAY_SEED=\(samples.seed)")
        let reload = Reload(running: Configuration(), read: read)
        #expect(reload.changed == (setting.needsRestart ? [] : [name]))
        #expect(reload.needsRestart == (setting.needsRestart ? [name] : []))
        #expect(reload.configuration == (setting.needsRestart ? Configuration() : read))
        // And back again.
        #expect(Reload(running: reload.configuration, read: Configuration()).configuration == Configuration())
    }

    @Test func `everything at once is sorted as the table`() throws {
        var read = Configuration()
        for setting in Setting.all { setting.copy(try samples.changed(setting), &read) }
        let reload = Reload(running: Configuration(), read: read)
        #expect(reload.changed == Setting.all.filter { !$0.needsRestart }.map(\.name))
        #expect(reload.needsRestart == Setting.all.filter(\.needsRestart).map(\.name))
        #expect(reload.configuration.listen == Configuration().listen)
        #expect(reload.configuration.limits.maxViewers == read.limits.maxViewers)
        #expect(read.limits.maxViewers != Configuration().limits.maxViewers, "EVRELAY_SEED=\(samples.seed)")
    }

    @Test(arguments: Setting.all.map(\.name))
    func `a value is written as it can be read back`(_ name: String) throws {
        let setting = try #require(Setting.all.first { $0.name == name })
        let configuration = try samples.changed(setting)
        let texts = setting.texts(configuration)
        // The drawn values are in the form in which they are written.
        #expect(Set(texts) == Set(samples.values[name] ?? []), "EVRELAY_SEED=\(samples.seed)")
        var copy = Configuration()
        try setting.apply(texts, &copy)
        #expect(copy == configuration)
        if !setting.defaultValue.isEmpty {
            try setting.apply([setting.defaultValue], &copy)
            #expect(copy == Configuration())
        }
    }
}
