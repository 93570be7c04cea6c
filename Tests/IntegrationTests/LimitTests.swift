// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import System
import TestSupport
import Testing
import WireFormat

@testable import EvRelay

@Suite struct LimitTests {
    @Test(arguments: [1, 4])
    func `one camera too many is refused, the others go on`(threads: Int) throws {
        try withRelay(threads: threads, { $0.limits.maxCameras = 3 }) { relay in
            let client = try relay.connect()
            for name in ["a", "b", "c"] { try client.publish(JPEGSamples.grey, to: name) }
            // A viewer that waits for a camera does not create it.
            let viewer = try relay.view("/stream/d")
            let answer = try client.upload(JPEGSamples.grey, to: "d")
            #expect(answer.status == 503)
            #expect(answer.reason == "cameras-full")
            #expect(answer.field("retry-after") == "5")
            #expect(try client.upload(JPEGSamples.colour, to: "a").status == 200)
            let stream = try relay.connect()
            try stream.send(StreamingUpload(framing: .chunked).head(to: "e"))
            try stream.send(StreamingUpload(framing: .chunked).part(JPEGSamples.grey))
            #expect(try stream.readResponse(to: "POST").reason == "cameras-full")
            #expect(try client.request("GET", "/cameras").json()["cameras"]?.elements?.count == 3)
            #expect(!viewer.client.isReadable)
        }
    }

    @Test(arguments: [true, false])
    func `one viewer too many is told to come again, the others go on`(isPerCamera: Bool) throws {
        try withRelay(
            threads: 2,
            {
                if isPerCamera { $0.limits.maxViewersPerCamera = 2 } else { $0.limits.maxViewers = 2 }
            }
        ) { relay in
            let viewers = [try relay.view(), try relay.view()]
            let answer = try relay.request("GET", "/stream")
            #expect(answer.status == 503)
            #expect(answer.reason == "viewers-full")
            #expect(answer.field("retry-after") == "5")
            if isPerCamera {
                _ = try relay.view("/stream/other")
            } else {
                #expect(try relay.request("GET", "/stream/other").status == 503)
            }
            try relay.connect().publish(JPEGSamples.grey)
            for viewer in viewers { #expect(try viewer.part().jpeg == JPEGSamples.grey) }
            // A place that becomes free can be taken.
            let before = relay.viewers.taken
            viewers[0].client.close()
            try eventually("the place is free") { relay.viewers.taken < before }
            #expect(try relay.view().part().jpeg == JPEGSamples.grey)
        }
    }

    @Test(arguments: [1, 4])
    func `one connection too many is answered 503, the others go on`(threads: Int) throws {
        try withRelay(threads: threads, { $0.limits.maxConnections = 4 }) { relay in
            let viewers = try (0..<4).map { _ in try relay.view() }
            let answer = try relay.connect().readResponse()
            #expect(answer.status == 503)
            #expect(answer.reason == "connections-full")
            #expect(answer.field("retry-after") == "5")
            #expect(answer.field("connection") == "close")
            viewers[0].client.close()
            try eventually("one place is free") { relay.connections.openConnections == 3 }
            let camera = try relay.connect()
            for frame in [JPEGSamples.grey, JPEGSamples.colour] {
                try camera.publish(frame)
                for viewer in viewers[1...] { #expect(try viewer.part().jpeg == frame) }
            }
        }
    }

    /// 5,000 silent connections kept every visitor out until they timed out.
    @Test(arguments: [1, 4])
    func `a flood of silent connections keeps nobody out`(threads: Int) throws {
        try withRelay(threads: threads, { $0.limits.maxConnections = 10 }) { relay in
            let viewer = try relay.view()
            let camera = try relay.connect()
            let upload = StreamingUpload(framing: .chunked)
            try camera.send(upload.head())
            try relay.wait(for: "evrelay_connections{state=\"upload\"}", 1)
            let frames = FrameSeries(byteCount: 5_000)
            for number in 1...10 {
                let flood = try (0..<30).map { _ in try relay.connect() }
                #expect(try relay.request("GET", "/healthz").status == 200)
                try camera.send(upload.part(frames(number)))
                #expect(try frames.number(of: try viewer.part().jpeg) == number)
                for client in flood { client.close() }
            }
            let metrics = try relay.metrics()
            #expect(metrics["evrelay_idle_connections_let_go_total{reason=\"connections-full\"}"] > 100)
            #expect(metrics["evrelay_refusals_total{reason=\"connections-full\"}"] == 0)
            #expect(relay.log.count("idle connection let go", ["reason=connections-full"]) == 1)
        }
    }

    @Test func `one connection too many from an address is answered 429, the others go on`() throws {
        let path = "/tmp/evrelay-test-\(ProcessControl.randomNumber()).sock"
        try withRelay({
            $0.limits.maxConnectionsPerAddress = 2
            $0.listen += [.internet(.v6([0, 0, 0, 0, 0, 0, 0, 1]), port: 0), .unix(path: path)]
        }) { relay in
            let viewers = [try relay.view(), try relay.view()]
            let answer = try relay.connect().readResponse()
            #expect(answer.status == 429)
            #expect(answer.reason == "too-many-connections")
            // Another address has its own count, and a unix socket none.
            guard let six = relay.addresses[1].port else { throw WaitError("a port") }
            #expect(try TestClient(.tcp(host: "::1", port: six)).request("GET", "/healthz").status == 200)
            let local = try (0..<5).map { _ in try TestClient(.unix(path: path)) }
            for client in local { #expect(try client.request("GET", "/healthz").status == 200) }
            try local[0].publish(JPEGSamples.grey)
            for viewer in viewers { #expect(try viewer.part().jpeg == JPEGSamples.grey) }
            viewers[0].client.close()
            try eventually("its place is free") { relay.viewers.taken == 1 }
            #expect(try relay.request("GET", "/healthz").status == 200)
        }
    }

    @Test func `a head that is too long, too late or has too many fields is refused`() throws {
        try withRelay({
            $0.limits.maxHeaderBytes = 1_024
            $0.limits.maxHeaderFields = 10
            $0.timeouts.header = .milliseconds(300)
        }) { relay in
            let long = try relay.request("GET", "/healthz", "X: " + String(repeating: "x", count: 1_100))
            #expect(long.status == 431)
            #expect(long.reason == "head-too-large")
            let many = try relay.connect().request("GET", "/healthz", (1...10).map { "X\($0): 1" })
            #expect(many.status == 431)
            let late = try relay.connect()
            for byte in Array(RequestText.head("GET", "/healthz", ["X: " + String(repeating: "x", count: 500)]).utf8) {
                if late.isReadable { break }
                try late.send([byte])
                pause(until: SystemClock.monotonic() + .milliseconds(5))
            }
            let answer = try late.readResponse()
            #expect(answer.status == 408)
            #expect(answer.reason == "too-slow")
            // A connection that has sent nothing is closed without an answer.
            #expect(try relay.connect().readToEnd() == [])
        }
    }

    @Test func `a connection that asks nothing more is closed after the idle time`() throws {
        try withRelay({ $0.timeouts.idle = .milliseconds(300) }) { relay in
            let client = try relay.connect()
            #expect(try client.request("GET", "/healthz").status == 200)
            try client.publish(JPEGSamples.grey)
            #expect(try client.readToEnd() == [])
        }
    }
}
