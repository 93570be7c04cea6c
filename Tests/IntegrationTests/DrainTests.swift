// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import TestSupport
import Testing

@testable import EvRelay

/// A shutdown finishes work in progress. The drain time is long here, so that a test which needs it fails.
@Suite(.overEachTransport) struct DrainTests {
    private static func withLongDrain(
        threads: Int = 1, _ change: (inout Configuration) -> Void = { _ in }, _ test: (RunningRelay) throws -> Void
    ) throws {
        try withRelay(
            threads: threads,
            {
                $0.timeouts.drain = .seconds(60)
                change(&$0)
            }, test)
    }

    @Test(arguments: [1, 4])
    func `streams end with their closing delimiter`(threads: Int) throws {
        let frames = FrameSeries(byteCount: 40_000)
        try Self.withLongDrain(threads: threads) { relay in
            let viewers = [
                try relay.view(), try relay.view("/stream?advance_headers=1", form: .browser),
                try relay.view(version: "1.0"),
                try relay.view("/?action=stream&advance_headers=1", form: .browser),
                // These wait for a camera that has sent nothing.
                try relay.view("/stream/other"),
                try relay.view("/stream/other?advance_headers=1", form: .browser),
            ]
            try relay.connect().publish(frames(1))
            for viewer in viewers.prefix(4) { #expect(try frames.number(of: try viewer.part().jpeg) == 1) }
            relay.shutDown()
            for viewer in viewers { #expect(try viewer.nextPart() == nil) }
            try relay.stop(within: .seconds(3))
            #expect(relay.log.has("draining", "connections="))
            #expect(relay.log.has("stopped"))
        }
    }

    @Test func `the part under way is finished before the closing delimiter`() throws {
        let frames = FrameSeries(byteCount: 1_000_000)
        try Self.withLongDrain { relay in
            let slow = try relay.view(receiveBufferBytes: 8_192)
            try relay.connect().publish(frames(1))
            try eventually("the part is under way") { slow.client.isReadable }
            relay.shutDown()
            #expect(try frames.number(of: try slow.part().jpeg) == 1)
            #expect(try slow.nextPart() == nil)
            try relay.stop(within: .seconds(3))
        }
    }

    /// Reads a chunked body to its end, and returns its size in bytes.
    private static func readChunks(_ client: TestClient) throws -> Int {
        var total = 0
        while true {
            let size = try #require(Int(client.readLine(), radix: 16))
            _ = try client.read(size)
            try #require(client.readLine() == "")
            guard size > 0 else { return total }
            total += size
        }
    }

    /// The end of the stream was written a second time, which to the client was an answer to nothing.
    @Test func `a doctor's stream whose end is on its way is not ended again`() throws {
        try Self.withLongDrain { relay in
            let slow = try relay.connect(receiveBufferBytes: 4096)
            try slow.send(RequestText.head("GET", "/doctor/stream?parts=19&interval=50&bytes=65536"))
            #expect(try slow.readHead().status == 200)
            // It begins later and has more lines: when it is over, so is the other one, except for its unread bytes.
            let clock = try relay.connect()
            try clock.send(RequestText.head("GET", "/doctor/stream?parts=20&interval=50&bytes=64"))
            #expect(try clock.readHead().status == 200)
            #expect(try Self.readChunks(clock) == 20 * 64)
            clock.close()
            #expect(relay.connections.openConnections >= 1)
            relay.shutDown()
            try eventually("the relay drains") { relay.log.has("draining") }
            #expect(try Self.readChunks(slow) % 65_536 == 0)
            #expect(try slow.readToEnd() == [])
            try relay.stop(within: .seconds(3))
        }
    }

    @Test func `an upload under way is taken and answered`() throws {
        try Self.withLongDrain { relay in
            let camera = try relay.connect()
            let request = RequestText.upload(JPEGSamples.grey)
            try camera.send(Array(request.dropLast(50)))
            try eventually("the upload is under way") { relay.ledger.usedBytes > 0 }
            relay.shutDown()
            try eventually("the relay drains") { relay.log.has("draining") }
            try camera.send(Array(request.suffix(50)))
            let answer = try camera.readResponse(to: "POST")
            #expect(answer.status == 200)
            #expect(answer.field("connection") == "close")
            #expect(try camera.readToEnd() == [])
            try relay.stop(within: .seconds(3))
        }
    }

    /// Streams once ended as soon as the signal came, so that no viewer saw the last frames that were accepted.
    @Test(arguments: [1, 4])
    func `a frame whose upload is under way still reaches every viewer before its stream ends`(threads: Int) throws {
        let frames = FrameSeries(byteCount: 40_000)
        try Self.withLongDrain(threads: threads) { relay in
            let viewers = try (0..<8).map { _ in try relay.view() }
            try relay.connect().publish(frames(1))
            for viewer in viewers { #expect(try frames.number(of: try viewer.part().jpeg) == 1) }
            let camera = try relay.connect()
            let request = RequestText.upload(frames(2))
            try camera.send(Array(request.dropLast(50)))
            try eventually("the upload is under way") { relay.ledger.usedBytes > 60_000 }
            relay.shutDown()
            try eventually("the relay drains") { relay.log.has("draining") }
            try camera.send(Array(request.suffix(50)))
            #expect(try camera.readResponse(to: "POST").status == 200)
            for viewer in viewers {
                #expect(try frames.number(of: try viewer.part().jpeg) == 2)
                #expect(try viewer.nextPart() == nil)
            }
            try relay.stop(within: .seconds(3))
        }
    }

    @Test(arguments: StreamingUpload.Framing.allCases)
    func `a streaming upload between two parts is answered at once`(framing: StreamingUpload.Framing) throws {
        try Self.withLongDrain { relay in
            let viewer = try relay.view()
            let camera = try relay.connect()
            var upload = StreamingUpload(framing: framing, type: "multipart/x-mixed-replace; boundary=ffmpeg")
            upload.contentLength = 1_000_000
            try camera.send(upload.head() + upload.part(JPEGSamples.grey))
            #expect(try viewer.part().jpeg == JPEGSamples.grey)
            relay.shutDown()
            let answer = try camera.readResponse(to: "POST")
            #expect(answer.status == 200)
            #expect(try answer.json()["frames"]?.int == 1)
            try relay.stop(within: .seconds(3))
        }
    }

    /// The camera pauses after the part: the answer must not wait for the next one.
    @Test func `a streaming upload's part under way is finished, then it is answered`() throws {
        try Self.withLongDrain { relay in
            let camera = try relay.connect()
            let upload = StreamingUpload(framing: .untilEnd)
            let part = upload.part(JPEGSamples.grey)
            try camera.send(upload.head() + part.dropLast(50))
            try eventually("the part is under way") { relay.ledger.usedBytes > 0 }
            relay.shutDown()
            try eventually("the relay drains") { relay.log.has("draining") }
            try camera.send(Array(part.suffix(50)))
            let answer = try camera.readResponse(to: "POST")
            #expect(answer.status == 200)
            #expect(try answer.json()["frames"]?.int == 1)
            try relay.stop(within: .seconds(3))
        }
    }

    @Test func `a request that waits for a frame is answered without one`() throws {
        try Self.withLongDrain { relay in
            let camera = try relay.connect()
            let sequence = try camera.publish(JPEGSamples.grey)
            let client = try relay.connect()
            try client.send(RequestText.head("GET", "/snapshot?after=\(sequence)"))
            for _ in 1...3 { #expect(try camera.request("GET", "/healthz").status == 200) }
            relay.shutDown()
            let answer = try client.readResponse()
            #expect(answer.status == 204)
            #expect(answer.field("connection") == "close")
            #expect(try client.readToEnd() == [])
            #expect(try camera.readToEnd() == [])
            try relay.stop(within: .seconds(3))
        }
    }

    /// A head of which half has arrived when the shutdown begins becomes a request after the others have gone.
    @Test(arguments: ["/stream", "/snapshot?after=9000000000000000"])
    func `a request that arrives during the drain does not hold it up`(target: String) throws {
        try Self.withLongDrain { relay in
            try relay.connect().publish(JPEGSamples.grey)
            let client = try relay.connect()
            let head = RequestText.head("GET", target)
            try client.send(String(head.prefix(10)))
            // Loops read in the order of arrival: the client's first bytes have been read.
            #expect(try relay.request("GET", "/healthz").status == 200)
            relay.shutDown()
            try eventually("the relay drains") { relay.log.has("draining") }
            try client.send(String(head.dropFirst(10)))
            try client.waitForEnd()
            try relay.stop(within: .seconds(3))
        }
    }

    /// Such a request was once told to come again, which cost a camera a frame at some restarts.
    @Test func `a frame on a connection that was accepted before the drain is still taken`() throws {
        try Self.withLongDrain { relay in
            let client = try relay.connect()
            let request = RequestText.upload(JPEGSamples.grey)
            try client.send(Array(request.prefix(10)))
            #expect(try relay.request("GET", "/healthz").status == 200)
            relay.shutDown()
            try eventually("the relay drains") { relay.log.has("draining") }
            try client.send(Array(request.dropFirst(10)))
            let answer = try client.readResponse(to: "POST")
            #expect(answer.status == 200)
            #expect(answer.field("connection") == "close")
            try relay.stop(within: .seconds(3))
        }
    }

    @Test func `a streaming upload that begins during the drain is told to come again`() throws {
        try Self.withLongDrain { relay in
            let client = try relay.connect()
            let head = StreamingUpload(framing: .chunked).head()
            try client.send(Array(head.prefix(10)))
            #expect(try relay.request("GET", "/healthz").status == 200)
            relay.shutDown()
            try eventually("the relay drains") { relay.log.has("draining") }
            try client.send(Array(head.dropFirst(10)))
            let answer = try client.readResponse(to: "POST")
            #expect(answer.status == 503)
            #expect(answer.reason == "draining")
            #expect(answer.field("retry-after") == "5")
            try relay.stop(within: .seconds(3))
        }
    }

    @Test func `nobody new is let in`() throws {
        try Self.withLongDrain { relay in
            let slow = try relay.view(receiveBufferBytes: 8_192)
            try relay.connect().publish(FrameSeries(byteCount: 1_000_000)(1))
            relay.shutDown()
            try eventually("nobody listens") { (try? relay.request("GET", "/healthz")) == nil }
            try slow.client.reset()
            try relay.stop(within: .seconds(3))
        }
    }

    @Test func `who does not read is left behind when the drain time is over`() throws {
        try withRelay({ $0.timeouts.drain = .milliseconds(300) }) { relay in
            let stalled = try relay.view(receiveBufferBytes: 8_192)
            try relay.connect().publish(FrameSeries(byteCount: 1_000_000)(1))
            try eventually("the part is under way") { stalled.client.isReadable }
            relay.shutDown()
            try relay.stop(within: .seconds(3))
            #expect(relay.log.has("drain time is over", "connections=1"))
        }
    }

    @Test func `a relay that nobody uses ends at once, also when asked twice`() throws {
        try Self.withLongDrain(threads: 4) { relay in
            relay.shutDown()
            relay.shutDown()
            try relay.stop(within: .seconds(3))
        }
    }
}
