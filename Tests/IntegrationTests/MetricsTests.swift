// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import TestSupport
import Testing

@testable import EvRelay

@Suite struct MetricsTests {
    @Test func `the page is what Prometheus asks for`() throws {
        try withRelay { relay in
            let answer = try relay.request("GET", "/metrics")
            #expect(answer.field("content-type") == "text/plain; version=0.0.4; charset=utf-8")
            #expect(answer.field("cache-control") == "no-store")
            let metrics = try MetricsSamples(answer)
            #expect(metrics["evrelay_ready"] == 1)
            #expect(metrics["evrelay_loops"] == 1)
            #expect(metrics["evrelay_connections{state=\"request\"}"] == 0)
            #expect(metrics["evrelay_connections{state=\"head\"}"] == 1)
            let head = try relay.connect().request("HEAD", "/metrics")
            #expect(head.status == 200)
        }
    }

    @Test(arguments: [1, 4]) func `frames in and out are counted, for all and for each camera`(threads: Int) throws {
        let frames = FrameSeries(byteCount: 20_000)
        try withRelay(threads: threads) { relay in
            let viewers = try (0..<4).map { _ in try relay.view("/stream/door") }
            let camera = try relay.connect()
            for number in 1...5 {
                try camera.publish(frames(number), to: "door")
                for viewer in viewers { #expect(try frames.number(of: viewer.part().jpeg) == number) }
            }
            try camera.publish(frames(6), to: "other")
            // Counted after the write that the viewer has already read.
            try relay.wait(for: "evrelay_frames_sent_total", 20)
            let metrics = try relay.metrics()
            #expect(metrics["evrelay_frames_received_total"] == 6)
            #expect(metrics["evrelay_received_bytes_total"] == 120_000)
            #expect(metrics["evrelay_camera_frames_received_total{camera=\"door\"}"] == 5)
            #expect(metrics["evrelay_camera_received_bytes_total{camera=\"door\"}"] == 100_000)
            #expect(metrics["evrelay_camera_frames_sent_total{camera=\"door\"}"] == 20)
            #expect(metrics["evrelay_camera_frames_sent_total{camera=\"other\"}"] == 0)
            // A part is its frame, its head, the delimiter and the chunk's own bytes.
            let bytes = metrics["evrelay_sent_bytes_total"]
            #expect((20 * 20_050.0...20 * 20_200).contains(bytes))
            #expect(metrics["evrelay_camera_sent_bytes_total{camera=\"door\"}"] == bytes)
            #expect(metrics["evrelay_frames_skipped_total"] == 0)
            #expect(metrics["evrelay_delivery_latency_seconds_count"] == 20)
            #expect((0.0..<20).contains(metrics["evrelay_delivery_latency_seconds_sum"]))
            #expect(metrics["evrelay_viewers"] == 4)
            #expect(metrics["evrelay_camera_viewers{camera=\"door\"}"] == 4)
            #expect(metrics["evrelay_camera_up{camera=\"door\"}"] == 1)
            #expect(metrics["evrelay_cameras{state=\"live\"}"] == 2)
            #expect(metrics["evrelay_connections{state=\"stream\"}"] == 4)
            #expect(metrics["evrelay_frame_memory_bytes"] == Double(relay.ledger.usedBytes))
            for viewer in viewers { viewer.client.close() }
            try relay.wait(for: "evrelay_viewers_left_total{reason=\"peer\"}", 4)
            try relay.wait(for: "evrelay_connections{state=\"stream\"}", 0)
        }
    }

    @Test func `frames that a viewer is too slow for are counted when it goes on`() throws {
        let frames = FrameSeries(byteCount: 1_000_000)
        try withRelay { relay in
            let slow = try relay.view(receiveBufferBytes: 8_192)
            let camera = try relay.connect()
            for number in 1...4 { try camera.publish(frames(number)) }
            #expect(try relay.metrics()["evrelay_frames_sent_total"] == 1)
            #expect(try frames.number(of: slow.part().jpeg) == 1)
            #expect(try frames.number(of: slow.part().jpeg) == 4)
            try relay.wait(for: "evrelay_frames_skipped_total", 2)
            #expect(try relay.metrics()["evrelay_camera_frames_skipped_total{camera=\"default\"}"] == 2)
            #expect(relay.log.all.allSatisfy { !$0.contains("refused") })
        }
    }

    @Test func `refusals are counted by their reason, those of uploads apart`() throws {
        try withRelay({ $0.limits.maxViewers = 1 }) { relay in
            #expect(try relay.upload(Array("no JPEG".utf8)).status == 422)
            #expect(try relay.request("POST", "/upload", "Content-Type: text/plain", "Content-Length: 0").status == 415)
            let stream = try relay.connect()
            try stream.send(StreamingUpload.request([[1, 2, 3]], .chunked))
            #expect(try stream.readResponse(to: "POST").status == 422)
            for _ in 1...3 { #expect(try relay.request("GET", "/nothing").status == 404) }
            let viewer = try relay.view()
            #expect(try relay.request("GET", "/stream").status == 503)
            #expect(try relay.connect().request("GET", "/", ["Content-Length: x"]).status == 400)
            #expect(try relay.request("DELETE", "/cameras").status == 405)
            let metrics = try relay.metrics()
            #expect(metrics.sum("evrelay_upload_refusals_total") == 3)
            #expect(metrics["evrelay_upload_refusals_total{reason=\"unsupported-type\"}"] == 1)
            #expect(metrics["evrelay_refusals_total{reason=\"not-found\"}"] == 3)
            #expect(metrics["evrelay_refusals_total{reason=\"viewers-full\"}"] == 1)
            #expect(metrics["evrelay_refusals_total{reason=\"bad-request\"}"] == 1)
            #expect(metrics["evrelay_refusals_total{reason=\"method-not-allowed\"}"] == 1)
            #expect(metrics.sum("evrelay_refusals_total") == 6)
            viewer.client.close()
        }
    }

    @Test func `answers are counted by their code, a stream as 200`() throws {
        try withRelay { relay in
            let client = try relay.connect()
            try client.publish(JPEGSamples.grey)
            for _ in 1...4 { #expect(try client.request("GET", "/nothing").status == 404) }
            let tag = try #require(try client.request("GET", "/").field("etag"))
            #expect(try client.request("GET", "/", ["If-None-Match: \(tag)"]).status == 304)
            #expect(try client.request("OPTIONS", "/").status == 204)
            _ = try relay.view().part()
            try relay.wait(for: "evrelay_responses_total{code=\"404\"}", 4)
            try relay.wait(for: "evrelay_responses_total{code=\"304\"}", 1)
            try relay.wait(for: "evrelay_responses_total{code=\"204\"}", 1)
            // The upload, the page, the stream, and the two pages of metrics that show it.
            let before = try relay.metrics()["evrelay_responses_total{code=\"200\"}"]
            #expect(before >= 6)
            #expect(try relay.metrics()["evrelay_connections_accepted_total"] >= 6)
        }
    }

    @Test(arguments: [1, 4]) func `connections are counted by what they do, and no count is left`(threads: Int) throws {
        try withRelay(threads: threads) { relay in
            let camera = try relay.connect()
            let sequence = try camera.publish(JPEGSamples.grey)
            let silent = try relay.connect()
            let viewer = try relay.view()
            let waiting = try relay.connect()
            try waiting.send(RequestText.head("GET", "/snapshot?after=\(sequence)"))
            let upload = try relay.connect()
            try upload.send(RequestText.upload(JPEGSamples.grey).dropLast(10))
            let states = ["idle": 1.0, "stream": 1, "wait": 1, "upload": 1, "refused": 0]
            for (state, count) in states { try relay.wait(for: "evrelay_connections{state=\"\(state)\"}", count) }
            // The silent connection, and the one that asks for the metrics, whose head is read but not yet answered.
            try relay.wait(for: "evrelay_connections{state=\"head\"}", 2)
            // Another loop may not know yet that the previous connection that asked has ended.
            try eventually("each is counted once") { try relay.metrics().sum("evrelay_connections") == 6 }
            for client in [camera, silent, viewer.client, waiting, upload] { client.close() }
            try eventually("one connection is left") { try relay.metrics().sum("evrelay_connections") == 1 }
        }
    }

    @Test func `how late the loops run is measured all the time`() throws {
        try withRelay(threads: 2) { relay in
            try eventually("some ticks") { try relay.metrics()["evrelay_loop_lag_seconds_count"] >= 4 }
            let metrics = try relay.metrics()
            #expect(metrics["evrelay_loop_lag_seconds_bucket{le=\"+Inf\"}"] >= 4)
            #expect((0.0..<60).contains(metrics["evrelay_loop_lag_seconds_sum"]))
        }
    }
}
