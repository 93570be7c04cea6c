// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import System
import TestSupport
import Testing
import WireFormat

@testable import EvRelay

@Suite struct MetricsTests {
    private let relay: Relay

    init() {
        var configuration = Configuration(cores: 3)
        configuration.limits.maxCameras = 7
        configuration.limits.maxViewers = 8
        configuration.limits.frameMemoryBytes = 20 << 20
        relay = Relay(
            configuration, metrics: Features.make(configuration).flatMap(\.metrics), maxConnections: 90,
            log: LogLines().logger(.error))
    }

    private func page(_ now: Instant = SystemClock.monotonic()) -> [String] {
        String(decoding: MetricsMoment(relay, now: now).text(), as: UTF8.self).split(separator: "\n").map { String($0) }
    }

    private func publish(_ jpeg: [UInt8], to name: String) throws { _ = try relay.publish(jpeg, to: name) }

    /// The names that dashboards and alerts depend on, with their types.
    private static let families = [
        "evrelay_build_info": "gauge", "evrelay_ready": "gauge", "evrelay_cameras": "gauge",
        "evrelay_cameras_limit": "gauge", "evrelay_viewers": "gauge", "evrelay_viewers_limit": "gauge",
        "evrelay_camera_viewers": "gauge", "evrelay_camera_up": "gauge", "evrelay_camera_frame_age_seconds": "gauge",
        "evrelay_connections": "gauge", "evrelay_connections_limit": "gauge", "evrelay_frame_memory_bytes": "gauge",
        "evrelay_frame_memory_limit_bytes": "gauge", "evrelay_loops": "gauge",
        "evrelay_answer_memory_bytes": "gauge", "evrelay_answer_memory_limit_bytes": "gauge",
        "evrelay_doctors": "gauge", "evrelay_doctors_limit": "gauge",
        "evrelay_frames_received_total": "counter", "evrelay_received_bytes_total": "counter",
        "evrelay_upload_frames_skipped_total": "counter",
        "evrelay_frames_sent_total": "counter", "evrelay_sent_bytes_total": "counter",
        "evrelay_frames_skipped_total": "counter", "evrelay_camera_frames_received_total": "counter",
        "evrelay_camera_received_bytes_total": "counter", "evrelay_camera_frames_sent_total": "counter",
        "evrelay_camera_sent_bytes_total": "counter", "evrelay_camera_frames_skipped_total": "counter",
        "evrelay_camera_takeovers_total": "counter", "evrelay_upload_refusals_total": "counter",
        "evrelay_refusals_total": "counter", "evrelay_idle_connections_let_go_total": "counter",
        "evrelay_connections_accepted_total": "counter", "evrelay_responses_total": "counter",
        "evrelay_viewers_left_total": "counter", "evrelay_viewers_restored_total": "counter",
        "evrelay_tls_handshakes_total": "counter", "evrelay_tls_connections_total": "counter",
        "evrelay_tls_certificate_expiry_timestamp_seconds": "gauge",
        "evrelay_log_lines_lost_total": "counter", "evrelay_log_lines_left_out_total": "counter",
        "evrelay_reloads_total": "counter", "evrelay_loop_lag_seconds": "histogram",
        "evrelay_delivery_latency_seconds": "histogram", "process_cpu_seconds_total": "counter",
        "process_resident_memory_bytes": "gauge", "process_virtual_memory_bytes": "gauge", "process_open_fds": "gauge",
        "process_max_fds": "gauge", "process_start_time_seconds": "gauge",
    ]

    @Test func `every family is there once, with its kind and its words, and no other`() throws {
        let page = page()
        let types = page.filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ").suffix(2) }
        #expect(types.count == Self.families.count)
        for type in types {
            let (name, kind) = (String(try #require(type.first)), String(try #require(type.last)))
            #expect(Self.families[name] == kind, "\(name)")
            #expect(page.count { $0.hasPrefix("# HELP \(name) ") } == 1)
        }
        #expect(Set(types.compactMap(\.first)).count == types.count)
    }

    @Test func `limits and labels that are always there`() {
        let page = page()
        let expected = [
            "evrelay_ready 1", "evrelay_loops 3", "evrelay_cameras_limit 7", "evrelay_viewers_limit 8",
            "evrelay_connections_limit 90", "evrelay_frame_memory_limit_bytes 20971520", "evrelay_viewers 0",
            "evrelay_frame_memory_bytes 0",
            "evrelay_build_info{version=\"\(Version.current)\",libevent=\"\(EventLoop.libraryVersion)\"} 1",
        ]
        let states = ["live", "stale", "offline"].map { "evrelay_cameras{state=\"\($0)\"} 0" }
        let phases = ["head", "idle", "request", "stream", "upload", "wait", "refused"].map {
            "evrelay_connections{state=\"\($0)\"} 0"
        }
        for line in expected + states + phases { #expect(page.contains(line), "\(line)") }
    }

    @Test func `a shutdown is told`() {
        relay.beginDraining()
        #expect(page().contains("evrelay_ready 0"))
    }

    @Test func `each camera has its own samples`() throws {
        try publish(JPEGSamples.grey, to: "a")
        try publish(JPEGSamples.grey, to: "a")
        try publish(JPEGSamples.colour, to: "b")
        _ = relay.hub.join(try camera("b"), relay.inboxes[1], maxViewers: 9)
        _ = relay.hub.join(try camera("waited-for"), relay.inboxes[1], maxViewers: 9)
        let now = SystemClock.monotonic()
        let (a, b) = (JPEGSamples.grey.count, JPEGSamples.colour.count)
        let page = page(now)
        for line in [
            "evrelay_frames_received_total 3", "evrelay_received_bytes_total \(2 * a + b)",
            "evrelay_camera_frames_received_total{camera=\"a\"} 2",
            "evrelay_camera_received_bytes_total{camera=\"a\"} \(2 * a)",
            "evrelay_camera_frames_received_total{camera=\"b\"} 1", "evrelay_camera_viewers{camera=\"b\"} 1",
            "evrelay_camera_viewers{camera=\"a\"} 0", "evrelay_camera_up{camera=\"a\"} 1",
            "evrelay_cameras{state=\"live\"} 2", "evrelay_camera_frames_sent_total{camera=\"a\"} 0",
        ] {
            #expect(page.contains(line), "\(line)")
        }
        #expect(!page.contains { $0.contains("waited-for") })
        let later = self.page(now + .seconds(5))
        #expect(later.contains("evrelay_camera_up{camera=\"a\"} 0"))
        #expect(later.contains("evrelay_cameras{state=\"stale\"} 2"))
        let age = try #require(later.first { $0.hasPrefix("evrelay_camera_frame_age_seconds{camera=\"a\"} ") })
        #expect((5.0..<15.0).contains(Double(age.split(separator: " ")[1]) ?? 0))
    }

    @Test func `what the loops have counted is added up`() {
        for (number, loop) in relay.metrics.loops.enumerated() {
            loop.sent.frames.add(10)
            loop.sent.bytes.add(100)
            loop.sent.skipped.add(1)
            loop.responses.add("200")
            if number > 0 { loop.responses.add("404") }
            loop.refusals.add("not-found")
            loop.uploadRefusals.add("not-a-jpeg")
            loop.count(Streams.viewersLeft, "peer")
            loop.count(Streams.viewersRestored)
            loop.connectionMoved(from: nil, to: .stream)
            loop.deliveryLatency.observe(.milliseconds(3))
            loop.loopLag.observe(.milliseconds(3))
        }
        relay.metrics.reloads.add("ok")
        let page = page()
        for line in [
            "evrelay_frames_sent_total 30", "evrelay_sent_bytes_total 300", "evrelay_frames_skipped_total 3",
            "evrelay_responses_total{code=\"200\"} 3", "evrelay_responses_total{code=\"404\"} 2",
            "evrelay_refusals_total{reason=\"not-found\"} 3", "evrelay_upload_refusals_total{reason=\"not-a-jpeg\"} 3",
            "evrelay_viewers_left_total{reason=\"peer\"} 3", "evrelay_connections{state=\"stream\"} 3",
            "evrelay_connections_accepted_total 3", "evrelay_reloads_total{result=\"ok\"} 1",
            "evrelay_viewers_restored_total 3", "evrelay_delivery_latency_seconds_count 3",
            "evrelay_delivery_latency_seconds_bucket{le=\"0.0025\"} 0",
            "evrelay_delivery_latency_seconds_bucket{le=\"0.005\"} 3",
            "evrelay_loop_lag_seconds_bucket{le=\"+Inf\"} 3",
        ] {
            #expect(page.contains(line), "\(line)")
        }
    }

    @Test func `the process tells of itself what can be true`() throws {
        let page = page()
        func value(_ name: String) throws -> Double {
            let line = try #require(page.first { $0.hasPrefix("\(name) ") })
            return try #require(Double(line.dropFirst(name.count + 1)))
        }
        #expect(try value("process_cpu_seconds_total") > 0)
        #expect(try value("process_virtual_memory_bytes") > value("process_resident_memory_bytes"))
        #expect(try value("process_resident_memory_bytes") > 1_000_000)
        #expect(try value("process_max_fds") > value("process_open_fds"))
        #expect(try value("process_open_fds") >= 3)
        let now = Double(SystemClock.nowMicroseconds()) / 1_000_000
        #expect(try (now - 60...now).contains(value("process_start_time_seconds")))
    }
}
