// SPDX-License-Identifier: MIT
import FoundationEssentials
import Testing
import WireFormat

@testable import EvRelay

/// A configuration file that exists during one test.
private final class TemporaryFile {
    let path = FileManager.default.temporaryDirectory.appending(path: "evrelay-\(UUID().uuidString).conf").path

    init(_ text: String) throws { try write(text) }

    func write(_ text: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

@Suite struct ConfigurationLoaderTests {
    private func loader(
        _ path: String?, typed: [String: [String]] = [:], environment: [String: String] = [:],
        completing: @escaping ConfigurationLoader.Completion = { _, _ in }
    ) -> ConfigurationLoader {
        ConfigurationLoader(
            typed: typed, typedPath: path, environment: environment, cores: 4, completing: completing)
    }

    private func complaint(_ loader: ConfigurationLoader) -> ConfigurationError? {
        do {
            _ = try loader.load()
            return nil
        } catch {
            return error
        }
    }

    @Test func `without a file the defaults hold`() throws {
        #expect(try loader(nil).load() == Configuration(cores: 4))
        #expect(try loader(nil, environment: ["EVRELAY_CONFIG": ""]).load() == Configuration(cores: 4))
        #expect(try loader(nil).check().differences == [])
    }

    @Test func `a flag beats its variable, which beats the file, which beats the default`() throws {
        let file = try TemporaryFile(
            "EVRELAY_MAX_VIEWERS=1\nEVRELAY_MAX_CAMERAS=1\nEVRELAY_THREADS=1\nEVRELAY_LISTEN=:1, :2\nEVRELAY_LOG_LEVEL=\n"
        )
        let (configuration, differences) = try loader(
            file.path, typed: ["max-viewers": ["3"]],
            environment: ["EVRELAY_MAX_VIEWERS": "2", "EVRELAY_MAX_CAMERAS": "2", "EVRELAY_THREADS": ""]
        ).check()
        #expect(configuration.limits.maxViewers == 3)
        #expect(configuration.limits.maxCameras == 2)
        #expect(configuration.threads == 1)
        #expect(configuration.listen.count == 2)
        #expect(configuration.logLevel == .info)
        #expect(
            differences == [
                "--listen [::]:1,[::]:2 (EVRELAY_LISTEN in \(file.path), line 4)",
                "--threads 1 (EVRELAY_THREADS in \(file.path), line 3)",
                "--max-viewers 3 (command line)",
                "--max-cameras 2 (EVRELAY_MAX_CAMERAS)",
            ])
    }

    @Test func `what is written as the default is no difference`() throws {
        let file = try TemporaryFile("EVRELAY_MAX_VIEWERS=2000\nEVRELAY_LISTEN=:30333\nEVRELAY_IDLE_TIMEOUT=60s\n")
        #expect(try loader(file.path, typed: ["threads": ["4"]]).check().differences == [])
    }

    @Test func `the file is named by a flag or by its variable, and the flag beats it`() throws {
        let file = try TemporaryFile("EVRELAY_MAX_CAMERAS=5\n")
        #expect(try loader(file.path).load().limits.maxCameras == 5)
        #expect(try loader(nil, environment: ["EVRELAY_CONFIG": file.path]).load().limits.maxCameras == 5)
        #expect(try loader(file.path, environment: ["EVRELAY_CONFIG": "/missing"]).load().limits.maxCameras == 5)
    }

    @Test func `each load reads the file anew`() throws {
        let file = try TemporaryFile("EVRELAY_MAX_CAMERAS=5\n")
        let loader = loader(file.path)
        #expect(try loader.load().limits.maxCameras == 5)
        try file.write("EVRELAY_MAX_CAMERAS=6\n")
        #expect(try loader.load().limits.maxCameras == 6)
        try file.write("EVRELAY_MAX_CAMERAS=six\n")
        #expect(
            complaint(loader)?.message
                == "wrong value: EVRELAY_MAX_CAMERAS in \(file.path), line 1: 'six': not a whole number; "
                + "accepted: 1 to 10000")
    }

    @Test func `two values that do not fit are both named with their places`() throws {
        let file = try TemporaryFile("\nEVRELAY_OFFLINE_AFTER=1s\n")
        #expect(
            complaint(loader(file.path, typed: ["stale-after": ["2s"]]))?.message
                == "wrong values: EVRELAY_OFFLINE_AFTER in \(file.path), line 2: 1s and --stale-after 2s; "
                + "accepted: --offline-after not below --stale-after")
    }

    @Test func `a file that cannot be read is a matter of configuration`() throws {
        let missing = complaint(loader("/nowhere/e.conf"))
        #expect(missing?.exitStatus == 78)
        #expect(
            missing?.message == "unusable configuration file: /nowhere/e.conf: open: No such file or directory")
        #expect(complaint(loader("/"))?.exitStatus == 78)
        let large = try TemporaryFile(String(repeating: "#", count: (64 << 10) + 1))
        #expect(complaint(loader(large.path))?.exitStatus == 78)
    }

    @Test func `what follows from the settings is added at each load, and may fail`() throws {
        let added = loader(nil, environment: ["FOLDER": "/web"]) { (configuration, environment) in
            configuration.webRoot = environment["FOLDER"]
        }
        #expect(try added.load().webRoot == "/web")
        #expect(try added.check().configuration.webRoot == "/web")
        let failing = loader(nil) { (_, _) throws(ConfigurationError) in throw .nobodyMayView }
        #expect(complaint(failing) == .nobodyMayView)
    }

    @Test func `an empty path is a wrong value`() {
        #expect(complaint(loader(""))?.message == "wrong value: --config '': empty; accepted: the path of a file")
        #expect(complaint(loader(""))?.exitStatus == 64)
    }
}
