// SPDX-License-Identifier: MIT
import Cameras
import ArgumentParser
import Testing
import WireFormat

@testable import EvRelay

@Suite struct SettingSourcesTests {
    @Test func `nothing written gives the defaults and a loop per core`() throws {
        #expect(try EvRelayCommand.parse([]).options.typed.values.allSatisfy(\.isEmpty))
        #expect(try configuration() == Configuration(cores: 4))
        #expect(try configuration().threads == 4)
        #expect(try configuration().listen.map(\.description) == ["[::]:30333"])
        #expect(try configuration().logLevel == .info)
    }

    @Test(arguments: [(-1, 1), (0, 1), (1, 1), (256, 256), (257, 256)])
    func `the default for threads stays in its range`(_ cores: Int, _ threads: Int) {
        #expect(Configuration(cores: cores).threads == threads)
    }

    @Test func `every setting can be typed and reaches its own field`() throws {
        let values = [
            "listen": "127.0.0.1:1", "threads": "3", "allow-origin": "https://a.example", "max-connections": "11",
            "max-connections-per-address": "12", "max-viewers": "13", "max-viewers-per-camera": "14",
            "max-cameras": "15", "max-frame-bytes": "16KiB", "frame-memory": "17MiB", "max-header-bytes": "18KB",
            "max-header-fields": "19", "header-timeout": "20s", "body-timeout": "21s", "idle-timeout": "22s",
            "stall-timeout": "23s", "drain-timeout": "24s", "stale-after": "25s", "offline-after": "26s",
            "forget-after": "27s", "repeat-after": "28s", "web-root": "/srv/web", "log-level": "warning",
            "trusted-proxy": "10.0.0.0/8", "log-format": "json", "tls-listen": "127.0.0.1:2",
            "tls-certificate": "/srv/c.pem", "tls-key": "/srv/k.pem", "https-redirect": "443", "hsts": "1h",
            "keys": "/srv/keys", "token-secret": "/srv/secret", "token-leeway": "3s", "takeover": "refuse",
            "frame-ancestors": "https://b.example", "allow-host": "Cam.example",
            "public-url": "https://cam.example/below/", "max-keys": "5", "max-key-failures": "6",
            "key-failure-time": "7s", "answer-memory": "8MiB", "max-pending-answer": "128KiB", "max-doctors": "0",
        ]
        let toggles = ["open-publishing", "private", "tls-self-signed"]
        var expected = Configuration(cores: 3)
        expected.listen = [.internet(.loopback, port: 1)]
        try expected.allowedOrigins.insert(parsing: "https://a.example")
        expected.isPublishingOpen = true
        expected.limits = .init(
            maxConnections: 11, maxConnectionsPerAddress: 12, maxViewers: 13, maxViewersPerCamera: 14, maxCameras: 15,
            maxFrameBytes: 16 << 10, frameMemoryBytes: 17 << 20, answerMemoryBytes: 8 << 20,
            maxPendingAnswerBytes: 128 << 10, maxDoctors: 0, maxHeaderBytes: 18000, maxHeaderFields: 19)
        expected.timeouts = .init(
            header: .seconds(20), body: .seconds(21), idle: .seconds(22), stall: .seconds(23), drain: .seconds(24))
        expected.ages = .init(
            stale: .seconds(25), offline: .seconds(26), forget: .seconds(27), repeatLatest: .seconds(28))
        expected.webRoot = "/srv/web"
        expected.logLevel = .warning
        expected.logFormat = .json
        try expected.trustedProxies.insert(parsing: "10.0.0.0/8")
        expected.tls = .init(
            listen: [.internet(.loopback, port: 2)], certificates: ["/srv/c.pem"], keys: ["/srv/k.pem"],
            isSelfSigned: true, redirectPort: 443, hsts: .seconds(3600))
        expected.access = .init(
            keysPath: "/srv/keys", tokenSecretPath: "/srv/secret", tokenLeeway: .seconds(3), isPrivate: true,
            allowedHosts: ["cam.example"], maxKeys: 5, maxKeyFailures: 6, keyFailureTime: .seconds(7))
        expected.takeover = .refuse
        try expected.frameAncestors.insert(parsing: "https://b.example")
        expected.publicURL = try PublicURL(parsing: "https://cam.example/below")
        #expect(Set(values.keys).union(toggles) == Set(Setting.all.map(\.name)))

        let command = try EvRelayCommand.parse(
            values.flatMap { ["--" + $0.key, $0.value] } + toggles.map { "--" + $0 })
        let typed = SettingSources(typed: command.options.typed, environment: [:])
        #expect(try typed.configuration(cores: 4) == expected)

        var environment = ["PATH": "/bin"]
        for setting in Setting.all { environment[setting.variable] = values[setting.name] ?? "on" }
        #expect(try configuration(environment: environment) == expected)
    }

    @Test func `a flag beats its variable, and its variable beats the default`() throws {
        let environment = ["EVRELAY_MAX_CAMERAS": "5", "EVRELAY_LISTEN": ":1,:2", "EVRELAY_MAX_VIEWERS": "7"]
        let configuration = try configuration("--max-cameras", "6", "--listen", ":3", environment: environment)
        #expect(configuration.limits.maxCameras == 6)
        #expect(configuration.listen.map(\.description) == ["[::]:3"])
        #expect(configuration.limits.maxViewers == 7)
    }

    @Test func `a wrong variable that a flag beats does no harm`() throws {
        #expect(try configuration("--threads", "2", environment: ["EVRELAY_THREADS": "many"]).threads == 2)
    }

    @Test func `the last of a flag given twice counts`() throws {
        #expect(try configuration("--threads", "2", "--threads", "3").threads == 3)
    }

    @Test func `repeated flags and a variable with commas give the same list`() throws {
        let typed = try configuration("--listen", ":1", "--listen", "unix:/run/x", "--listen", "127.0.0.1:0")
        let listed = try configuration(environment: ["EVRELAY_LISTEN": ":1,unix:/run/x, 127.0.0.1:0"])
        #expect(typed.listen == listed.listen)
        #expect(typed.listen.count == 3)
        let origins = try configuration(environment: ["EVRELAY_ALLOW_ORIGIN": "https://a.example,http://b.example:8080"]
        )
        #expect(origins.allowedOrigins.allows("https://a.example"))
        #expect(origins.allowedOrigins.allows("http://b.example:8080"))
        #expect(!origins.allowedOrigins.allows("https://b.example"))
    }

    @Test func `an address given twice is refused`() {
        #expect(
            message { try configuration("--listen", ":80", "--listen", "[::]:80") }?.contains("given twice") == true)
    }

    @Test func `an empty variable counts as not set`() throws {
        let environment = ["EVRELAY_THREADS": "", "EVRELAY_LISTEN": "", "EVRELAY_NO_SUCH_THING": ""]
        #expect(try configuration(environment: environment) == Configuration(cores: 4))
    }

    @Test func `an empty typed value is refused`() {
        for flag in ["--threads", "--listen", "--web-root", "--log-level", "--stale-after", "--allow-origin"] {
            #expect(message { try configuration(flag, "") }?.hasPrefix("wrong value: \(flag) '': ") == true)
        }
    }

    @Test func `a wrong variable is named`() {
        #expect(
            message { try configuration(environment: ["EVRELAY_THREADS": "x"]) }
                == "wrong value: EVRELAY_THREADS 'x': not a whole number; accepted: 1 to 256")
        #expect(
            message { try configuration(environment: ["EVRELAY_LISTEN": ":1,nowhere:2"]) }?
                .hasPrefix("wrong value: EVRELAY_LISTEN 'nowhere:2': ") == true)
    }

    @Test func `a misspelt variable is refused`() {
        #expect(
            message { try configuration(environment: ["EVRELAY_THREDS": "2"]) }
                == "unknown environment variable: EVRELAY_THREDS; accepted: those that 'evrelay --help' lists")
        #expect(message { try configuration(environment: ["EVRELAY_PORTABLE": "2"]) } != nil)
    }

    @Test func `what Kubernetes and Docker set for a service of our name is left alone`() throws {
        let environment = [
            "EVRELAY_SERVICE_HOST": "10.0.0.1", "EVRELAY_SERVICE_PORT": "30333", "EVRELAY_SERVICE_PORT_HTTP": "30333",
            "EVRELAY_PORT": "tcp://10.0.0.1:30333", "EVRELAY_PORT_30333_TCP_ADDR": "10.0.0.1",
        ]
        #expect(try configuration(environment: environment) == Configuration(cores: 4))
        for setting in Setting.all {
            #expect(!SettingSources.foreignPrefixes.contains { setting.variable.hasPrefix($0) })
        }
    }

    @Test(arguments: ["on", "yes", "true", "1", "On"])
    func `open publishing can be switched on by its variable`(_ value: String) throws {
        #expect(try configuration(environment: ["EVRELAY_OPEN_PUBLISHING": value]).isPublishingOpen)
    }

    @Test(arguments: ["off", "no", "false", "0"])
    func `open publishing can be switched off by its variable, and the flag beats it`(_ value: String) throws {
        let environment = ["EVRELAY_OPEN_PUBLISHING": value]
        #expect(try !configuration(environment: environment).isPublishingOpen)
        #expect(try configuration("--open-publishing", environment: environment).isPublishingOpen)
    }

    @Test func `another word for open publishing is refused`() {
        #expect(
            message { try configuration(environment: ["EVRELAY_OPEN_PUBLISHING": "maybe"]) }?
                .contains("neither on nor off") == true)
    }
}

/// Returns the message of the configuration error that `body` throws; nil if it throws none.
func message(_ body: () throws -> Configuration) -> String? {
    do {
        _ = try body()
        return nil
    } catch {
        return (error as? ConfigurationError)?.message
    }
}
