// SPDX-License-Identifier: MIT
import Cameras
import TestSupport
import Testing

@testable import EvRelay

@Suite struct RequestLogTests {
    @Test func `a page has a line, once, with what it cost`() throws {
        try withRelay { relay in
            let client = try relay.connect()
            let page = try client.request("GET", "/watch/door?fps=5&secret=1")
            try eventually("the line") { relay.log.has("request") }
            let line = try #require(relay.log.ordinary.first { $0.hasPrefix("request") })
            let values = line.split(separator: " ").dropFirst().map { $0.split(separator: "=", maxSplits: 1) }
            #expect(values.map { $0[0] } == ["bytes", "duration.ms", "method", "path", "peer", "status"])
            #expect(line.contains(" bytes=\(page.body.count) "))
            #expect(line.contains(" method=GET path=/watch/door peer=127.0.0.1:"))
            #expect(line.hasSuffix(" status=200"))
            #expect((0...60_000).contains(Int(values[1][1]) ?? -1))
            #expect(try client.request("HEAD", "/").status == 200)
            let tag = try #require(page.field("etag"))
            #expect(try client.request("GET", "/watch/door", ["If-None-Match: \(tag)"]).status == 304)
            try eventually("all lines") { relay.log.count("request") == 3 }
            #expect(relay.log.has("request", "bytes=0", "method=HEAD", "status=200"))
            #expect(relay.log.has("request", "bytes=0", "path=/watch/door", "status=304"))
            #expect(relay.log.ordinary.count { $0.hasPrefix("request") } == 3)
        }
    }

    @Test func `what comes with every frame, or is polled, is told to who asks for more`() throws {
        try withRelay { relay in
            let client = try relay.connect()
            try client.publish(JPEGSamples.grey)
            for path in ["/snapshot", "/cameras", "/healthz", "/readyz", "/metrics", "/doctor/info"] {
                #expect(try client.request("GET", path).status == 200)
                try eventually("the line of \(path)") { relay.log.has("request", "path=\(path)") }
            }
            #expect(relay.log.has("request", "method=POST", "path=/upload", "status=200"))
            #expect(relay.log.has("request", "path=/snapshot", "bytes=\(JPEGSamples.grey.count)"))
            #expect(!relay.log.ordinary.contains { $0.hasPrefix("request") })
        }
    }

    @Test func `refusals and streams have other lines`() throws {
        try withRelay { relay in
            #expect(try relay.request("GET", "/nothing").status == 404)
            let viewer = try relay.view()
            viewer.client.close()
            try eventually("the viewer's line") {
                relay.log.has("viewer left", "bytes=", "duration.ms=", "frames.sent=0")
            }
            #expect(relay.log.has("refused", "reason=not-found"))
            #expect(relay.log.count("request") == 0, "\(relay.log.all)")
        }
    }

    @Test func `a streaming upload's end tells what it has brought`() throws {
        try withRelay { relay in
            let camera = try relay.connect()
            try camera.send(StreamingUpload.request([JPEGSamples.grey, JPEGSamples.colour], .chunked))
            #expect(try camera.readResponse(to: "POST").status == 200)
            let bytes = JPEGSamples.grey.count + JPEGSamples.colour.count
            try eventually("its line") {
                relay.log.has(
                    "streaming upload ended", "bytes=\(bytes) ", "duration.ms=", "frames=2", "reason=complete")
            }
        }
    }

    @Test func `a camera that goes offline tells what it has sent`() throws {
        try withRelay({
            $0.ages.stale = .milliseconds(100)
            $0.ages.offline = .milliseconds(200)
        }) { relay in
            let camera = try relay.connect()
            for _ in 1...3 { try camera.publish(JPEGSamples.grey) }
            try eventually("its line") { relay.log.has("camera offline") }
            #expect(relay.log.has("camera offline", "bytes=\(3 * JPEGSamples.grey.count) ", "duration.ms=", "frames=3"))
        }
    }
}
