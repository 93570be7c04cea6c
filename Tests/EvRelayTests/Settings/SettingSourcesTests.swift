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
        let samples = SettingSamples.drawn
        let seed = Comment("EVRELAY_SEED=\(samples.seed)")
        var expected = Configuration(cores: 4)
        for setting in Setting.all {
            let alone = try samples.changed(setting)
            for other in Setting.all where other.name != setting.name {
                #expect(other.texts(alone) == other.texts(Configuration()), "\(setting.name) changes \(other.name)")
            }
            try setting.apply(samples.values[setting.name] ?? [], &expected)
        }
        // The samples differ from these defaults; the threads may be as many as the machine of this test has cores.
        #expect(Setting.all.allSatisfy { $0.texts(expected) != $0.texts(Configuration()) }, seed)

        let arguments = Setting.all.flatMap { setting in
            (samples.values[setting.name] ?? []).flatMap { value in
                setting.kind == .toggle ? [setting.flag] : [setting.flag, value]
            }
        }
        let typed = SettingSources(typed: try EvRelayCommand.parse(arguments).options.typed, environment: [:])
        #expect(try typed.configuration(cores: 4) == expected, seed)

        var environment = ["PATH": "/bin"]
        for setting in Setting.all {
            environment[setting.variable] = samples.values[setting.name]?.joined(separator: ",")
        }
        #expect(try configuration(environment: environment) == expected, seed)
    }

    @Test func `settings reach the fields that they are named after`() throws {
        let configuration = try configuration(
            "--max-viewers", "13", "--max-viewers-per-camera", "14", "--max-frame-bytes", "16KiB", "--tls-listen",
            "127.0.0.1:2", "--tls-certificate", "/srv/c.pem", "--tls-key", "/srv/k.pem", "--stall-timeout", "23s",
            "--allow-host", "Cam.example", "--public-url", "https://cam.example/below/", "--private")
        #expect(configuration.limits.maxViewers == 13 && configuration.limits.maxViewersPerCamera == 14)
        #expect(configuration.limits.maxFrameBytes == 16 << 10)
        #expect(configuration.tls.listen == [.internet(.loopback, port: 2)])
        #expect(configuration.tls.certificates == ["/srv/c.pem"] && configuration.tls.keys == ["/srv/k.pem"])
        #expect(configuration.timeouts.stall == .seconds(23))
        #expect(configuration.access.allowedHosts == ["cam.example"] && configuration.access.isPrivate)
        #expect(configuration.publicURL?.description == "https://cam.example/below")
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
