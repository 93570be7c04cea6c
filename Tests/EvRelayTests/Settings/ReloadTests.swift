// SPDX-License-Identifier: MIT
import Testing

@testable import EvRelay

@Suite struct ReloadTests {
    /// Another valid value of each setting.
    static let others = [
        "listen": "127.0.0.1:1", "threads": "3", "allow-origin": "https://a.example", "open-publishing": "on",
        "trusted-proxy": "unix", "max-connections": "11", "max-connections-per-address": "12", "max-viewers": "13",
        "max-viewers-per-camera": "14", "max-cameras": "15", "max-frame-bytes": "16KiB", "frame-memory": "20MiB",
        "max-header-bytes": "18KB", "max-header-fields": "19", "header-timeout": "20s", "body-timeout": "21s",
        "idle-timeout": "22s", "stall-timeout": "23s", "drain-timeout": "24s", "stale-after": "2s",
        "offline-after": "26s", "forget-after": "27s", "repeat-after": "28s", "web-root": "/srv/web",
        "log-level": "warning", "log-format": "json", "tls-listen": "127.0.0.1:2", "tls-certificate": "/srv/c.pem",
        "tls-key": "credential:key", "tls-self-signed": "on", "https-redirect": "443", "hsts": "1h",
        "keys": "/srv/keys", "token-secret": "/srv/secret", "token-leeway": "3s", "private": "on",
        "takeover": "refuse", "frame-ancestors": "https://b.example", "allow-host": "cam.example",
        "public-url": "https://cam.example/below", "max-keys": "5", "max-key-failures": "6", "key-failure-time": "7s",
        "answer-memory": "8MiB", "max-pending-answer": "128KiB", "max-doctors": "0",
    ]
    static let restarting: Set = [
        "listen", "tls-listen", "tls-self-signed", "threads", "web-root", "log-format", "max-header-bytes",
        "max-header-fields",
    ]

    private func changed(_ setting: Setting) throws -> Configuration {
        var configuration = Configuration()
        try setting.apply([try #require(Self.others[setting.name])], &configuration)
        return configuration
    }

    @Test func `nothing written anew changes nothing`() {
        let reload = Reload(running: Configuration(), read: Configuration())
        #expect(reload.configuration == Configuration())
        #expect(reload.changed == [])
        #expect(reload.needsRestart == [])
    }

    @Test(arguments: Setting.all.map(\.name))
    func `a setting is taken over and named, or named and left until a restart`(_ name: String) throws {
        let setting = try #require(Setting.all.first { $0.name == name })
        let read = try changed(setting)
        #expect(read != Configuration())
        #expect(setting.needsRestart == Self.restarting.contains(name))
        let reload = Reload(running: Configuration(), read: read)
        #expect(reload.changed == (setting.needsRestart ? [] : [name]))
        #expect(reload.needsRestart == (setting.needsRestart ? [name] : []))
        #expect(reload.configuration == (setting.needsRestart ? Configuration() : read))
        // And back again.
        #expect(Reload(running: reload.configuration, read: Configuration()).configuration == Configuration())
    }

    @Test func `everything at once is sorted as the table`() throws {
        var read = Configuration()
        for setting in Setting.all { setting.copy(try changed(setting), &read) }
        let reload = Reload(running: Configuration(), read: read)
        #expect(reload.changed == Setting.all.filter { !$0.needsRestart }.map(\.name))
        #expect(reload.needsRestart == Setting.all.filter(\.needsRestart).map(\.name))
        #expect(reload.configuration.listen == Configuration().listen)
        #expect(reload.configuration.limits.maxViewers == 13)
    }

    @Test(arguments: Setting.all.map(\.name))
    func `a value is written as it can be read back`(_ name: String) throws {
        let setting = try #require(Setting.all.first { $0.name == name })
        let configuration = try changed(setting)
        #expect(setting.texts(configuration) == [Self.others[name] ?? ""])
        var copy = Configuration()
        try setting.apply(setting.texts(configuration), &copy)
        #expect(copy == configuration)
        if !setting.defaultValue.isEmpty {
            try setting.apply([setting.defaultValue], &copy)
            #expect(copy == Configuration())
        }
    }
}
