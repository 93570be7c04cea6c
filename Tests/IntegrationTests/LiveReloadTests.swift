// SPDX-License-Identifier: MIT
import Cameras
import Glibc
import LibEvent
import TestSupport
import Testing
import WireFormat

@testable import EvRelay

/// New settings for a running relay.
@Suite struct LiveReloadTests {
    /// The settings file.
    private let file = TemporaryFile()

    private func write(_ lines: String...) throws { try file.write(lines.joined(separator: "\n") + "\n") }

    /// Runs a relay with the settings of the file.
    private func withFile(
        threads: Int = 1, threshold: LogThreshold? = nil, _ lines: String, _ test: (RunningRelay) throws -> Void
    ) throws {
        try write(lines)
        defer { file.remove() }
        let loader = ConfigurationLoader(
            typed: ["listen": ["127.0.0.1:0"], "drain-timeout": ["200ms"]], typedPath: file.path, environment: [:],
            cores: threads, completing: SelfSigned.complete)
        let surroundings = Surroundings(loader: loader, threshold: threshold)
        try RunningRelay(try loader.load(), surroundings).whileRunning(test)
    }

    private static func expectLine(_ relay: RunningRelay, _ line: String) throws {
        try eventually("the line \(line), after \(relay.log.all)") { relay.log.all.contains(line) }
    }

    @Test(arguments: [1, 4]) func `limits change for those who come, and those who are there stay`(threads: Int) throws
    {
        let frames = FrameSeries(byteCount: 20_000)
        try withFile(threads: threads, "EVRELAY_MAX_VIEWERS=2\nEVRELAY_MAX_CAMERAS=1") { relay in
            let camera = try relay.connect()
            let viewers = [try relay.view(), try relay.view()]
            try camera.publish(frames(1))
            #expect(try relay.request("GET", "/stream").status == 503)
            #expect(try relay.upload(frames(1), to: "b").status == 503)
            // Higher limits.
            try write("EVRELAY_MAX_VIEWERS=3", "EVRELAY_MAX_CAMERAS=2", "EVRELAY_MAX_FRAME_BYTES=10000")
            relay.reload()
            try Self.expectLine(relay, "reloaded changed=max-viewers,max-cameras,max-frame-bytes")
            let third = try relay.view()
            try relay.wait(for: "evrelay_viewers_limit", 3)
            try eventually("every loop has heard of it") { try camera.upload(frames(2)).status == 413 }
            #expect(try relay.upload(JPEGSamples.grey, to: "b").status == 200)
            // A lower limit, and the defaults for settings that are no longer in the file.
            try write("EVRELAY_MAX_VIEWERS=1")
            relay.reload()
            try Self.expectLine(relay, "reloaded changed=max-viewers,max-cameras,max-frame-bytes")
            try relay.wait(for: "evrelay_viewers_limit", 1)
            try relay.wait(for: "evrelay_cameras_limit", 64)
            #expect(try relay.request("GET", "/stream").status == 503)
            let next = try relay.connect()
            try eventually("every loop has heard of it") { try next.upload(frames(3)).status == 200 }
            for viewer in viewers + [third] {
                var seen = 0
                while seen != 3 { seen = try frames.number(of: viewer.part().jpeg) }
            }
            try relay.wait(for: "evrelay_reloads_total{result=\"ok\"}", 2)
        }
    }

    @Test func `a file with an error changes nothing`() throws {
        try withFile("EVRELAY_MAX_VIEWERS=1\nEVRELAY_MAX_CAMERAS=1") { relay in
            let viewer = try relay.view()
            for (number, lines) in [
                "EVRELAY_MAX_VIEWERS=many", "EVRELAY_MAX_CAMERAS=5\nEVRELAY_NOTHING=1", "EVRELAY_MAX_CAMERAS",
            ].enumerated() {
                try write(lines)
                relay.reload()
                try relay.wait(for: "evrelay_reloads_total{result=\"error\"}", Double(number + 1))
            }
            file.remove()
            relay.reload()
            try relay.wait(for: "evrelay_reloads_total{result=\"error\"}", 4)
            #expect(relay.log.count("reload failed", ["error=", "settings=unchanged"]) == 4)
            #expect(relay.log.all.contains { $0.contains("EVRELAY_MAX_VIEWERS in \(file.path), line 1") })
            let metrics = try relay.metrics()
            #expect(metrics["evrelay_viewers_limit"] == 1)
            #expect(metrics["evrelay_cameras_limit"] == 1)
            #expect(metrics["evrelay_reloads_total{result=\"ok\"}"] == 0)
            #expect(try relay.request("GET", "/stream").status == 503)
            // Once the file is valid again, it is applied.
            try write("EVRELAY_MAX_VIEWERS=5")
            relay.reload()
            try relay.wait(for: "evrelay_viewers_limit", 5)
            viewer.client.close()
        }
    }

    @Test func `what needs a restart is named and stays`() throws {
        try withFile("") { relay in
            try write("EVRELAY_THREADS=4", "EVRELAY_MAX_HEADER_BYTES=16KiB", "EVRELAY_MAX_VIEWERS=5")
            relay.reload()
            try Self.expectLine(relay, "reloaded changed=max-viewers")
            try Self.expectLine(
                relay, "some settings change only with a restart settings=threads,max-header-bytes")
            #expect(try relay.metrics()["evrelay_loops"] == 1)
        }
    }

    @Test func `nothing new is said to be that`() throws {
        try withFile("EVRELAY_MAX_VIEWERS=5") { relay in
            relay.reload()
            try Self.expectLine(relay, "reloaded changed=")
            #expect(!relay.log.has("some settings"))
        }
    }

    @Test func `access, times and the level of the log change too`() throws {
        let threshold = LogThreshold(.info)
        try withFile(threshold: threshold, "EVRELAY_STALE_AFTER=60s\nEVRELAY_OFFLINE_AFTER=60s") { relay in
            let camera = try relay.connect()
            try camera.publish(JPEGSamples.grey)
            let field = "X-Forwarded-For: 203.0.113.9"
            #expect(try relay.upload(JPEGSamples.grey, to: nil, field).status == 403)
            let before = try relay.request("GET", "/doctor/info", field).json()
            #expect(before["trusted"] == .bool(false))
            try write(
                "EVRELAY_OPEN_PUBLISHING=on", "EVRELAY_TRUSTED_PROXY=127.0.0.1", "EVRELAY_STALE_AFTER=100ms",
                "EVRELAY_IDLE_TIMEOUT=1s", "EVRELAY_LOG_LEVEL=debug")
            relay.reload()
            try relay.wait(for: "evrelay_reloads_total{result=\"ok\"}", 1)
            #expect(threshold.level == .debug)
            try eventually("the loop has heard of it") {
                try relay.request("GET", "/doctor/info", field).json()["client"]?.string == "203.0.113.9"
            }
            #expect(try relay.upload(JPEGSamples.grey, to: nil, field).status == 200)
            try eventually("the camera is stale") {
                try relay.request("GET", "/cameras/default").json()["state"]?.string == "stale"
            }
            let idle = try relay.connect()
            #expect(try idle.request("GET", "/healthz").status == 200)
            #expect(try idle.readToEnd() == [])
        }
    }

    @Test func `a reload during a shutdown is too late`() throws {
        try withFile("EVRELAY_MAX_VIEWERS=5") { relay in
            let slow = try relay.view(receiveBufferBytes: 8_192)
            try relay.connect().publish(FrameSeries(byteCount: 1_000_000)(1))
            relay.shutDown()
            relay.reload()
            try eventually("the relay drains") { relay.log.has("draining") }
            try slow.client.reset()
            try relay.stop()
            #expect(!relay.log.has("reloaded"))
        }
    }

    @Test func `without a file there is nothing to reload`() throws {
        try withRelay { relay in
            relay.reload()
            let answer = try relay.request("GET", "/healthz")
            #expect(answer.status == 200)
            #expect(!relay.log.has("reload"))
        }
    }
}
