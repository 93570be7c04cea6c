// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import TestSupport
import Testing

@testable import EvRelay

@Suite(.overEachTransport) struct FrameMemoryTests {
    @Test(arguments: [1, 4])
    func `viewers who pin frames cost a camera no upload`(threads: Int) throws {
        let frames = FrameSeries(byteCount: 1_000_000)
        try withRelay(
            threads: threads,
            {
                $0.limits.maxFrameBytes = 1 << 20
                $0.limits.frameMemoryBytes = 16 << 20
            }
        ) { relay in
            let camera = try relay.connect()
            var stalled: [StreamReader] = []
            for number in 1...40 {
                try camera.publish(frames(number))
                #expect(relay.ledger.usedBytes <= 16 << 20)
                // Each viewer gets the frame that is the latest now, and holds it by not reading.
                stalled.append(try relay.view(receiveBufferBytes: 8_192))
            }
            try eventually("some have been disconnected") {
                relay.log.has("viewer left", "reason=frame-memory")
            }
            #expect(!relay.log.has("refused"), "\(relay.log.all)")
            let healthy = try relay.view()
            try camera.publish(frames(41))
            var seen = 0
            while seen != 41 { seen = try frames.number(of: try healthy.part().jpeg) }
            withExtendedLifetime(stalled) {}
        }
    }

    /// 29 of 60 uploads were refused: only viewers of streams were considered for disconnection.
    @Test(arguments: [1, 4])
    func `snapshots that nobody reads cost a camera no upload`(threads: Int) throws {
        let frames = FrameSeries(byteCount: 1_000_000)
        try withRelay(
            threads: threads,
            {
                $0.limits.maxFrameBytes = 1 << 20
                $0.limits.frameMemoryBytes = 16 << 20
            }
        ) { relay in
            let camera = try relay.connect()
            var readers: [TestClient] = []
            for number in 1...40 {
                try camera.publish(frames(number))
                let reader = try relay.connect(receiveBufferBytes: 4096)
                try reader.send(RequestText.head("GET", "/snapshot"))
                try eventually("the answer is under way") { reader.isReadable }
                readers.append(reader)
            }
            #expect(relay.connections.openConnections < 41)
            #expect(!relay.log.has("refused"), "\(relay.log.all)")
            // The remaining readers get their frame.
            let last = try #require(readers.last)
            #expect(try frames.number(of: try last.readResponse().body) == 40)
        }
    }

    @Test func `who pins the oldest frames is disconnected first, and no more of them than needed`() throws {
        let frames = FrameSeries(byteCount: 1_000_000)
        try withRelay({
            $0.limits.maxFrameBytes = 1 << 20
            $0.limits.frameMemoryBytes = 16 << 20
        }) { relay in
            let camera = try relay.connect()
            var stalled: [StreamReader] = []
            // From three quarters of the budget viewers are disconnected until half of it is free.
            for number in 1...14 {
                try camera.publish(frames(number))
                stalled.append(try relay.view(receiveBufferBytes: 8_192))
            }
            try eventually("some have been disconnected") {
                relay.log.has("viewer left", "reason=frame-memory")
            }
            try camera.publish(frames(15))
            let left = relay.log.count("viewer left", ["reason=frame-memory"])
            #expect((4...8).contains(left), "\(left) of \(stalled.count)")
            #expect(relay.viewers.taken == stalled.count - left)
            // The remaining viewers still get their part whole, then the newest frame.
            let survivor = try #require(stalled.last)
            var seen = 0
            while seen != 15 { seen = try frames.number(of: try survivor.part().jpeg) }
        }
    }

    /// Every accepted configuration must keep a camera going: one frame is the latest, the next is being received.
    @Test(arguments: [false, true])
    func `the smallest budget allowed is enough for frames of the largest size`(isStreaming: Bool) throws {
        let maxFrameBytes = 1 << 20
        let frames = FrameSeries(byteCount: maxFrameBytes)
        let limits = try Self.leastMemory(maxFrameBytes: maxFrameBytes)
        try withRelay({ $0.limits = limits }) { relay in
            if isStreaming {
                let camera = try relay.connect()
                let upload = StreamingUpload(framing: .chunked)
                try camera.send(upload.head())
                let parts = (1...3).flatMap { upload.part(frames($0)) }
                _ = try camera.sendUntilAnswered(parts + upload.end())
                let answer = try camera.readResponse(to: "POST")
                #expect(answer.status == 200, "\(answer.text) with \(limits.frameMemoryBytes) bytes")
            } else {
                for number in 1...3 {
                    let answer = try relay.upload(frames(number))
                    #expect(answer.status == 200, "\(answer.text) with \(limits.frameMemoryBytes) bytes")
                }
            }
        }
    }

    /// Returns limits with the smallest multiple of the frame limit that the configuration accepts.
    private static func leastMemory(maxFrameBytes: Int) throws -> Configuration.Limits {
        for multiple in 1... {
            let sources = SettingSources(
                typed: ["max-frame-bytes": ["\(maxFrameBytes)B"], "frame-memory": ["\(maxFrameBytes * multiple)B"]],
                environment: [:])
            if let configuration = try? sources.configuration(cores: 1) { return configuration.limits }
            guard multiple < 100 else { break }
        }
        throw WaitError("a budget that is accepted")
    }

    @Test func `an upload that finds no memory is told to come again`() throws {
        let frames = FrameSeries(byteCount: 1_000_000)
        try withRelay({
            $0.limits.maxFrameBytes = 1 << 20
            $0.limits.frameMemoryBytes = 2 << 20
        }) { relay in
            // Two unfinished uploads hold all of it.
            let slow = [try relay.connect(), try relay.connect()]
            let request = RequestText.upload(frames(1))
            for client in slow { try client.send(Array(request.dropLast(1))) }
            try eventually("both are under way") { relay.ledger.usedBytes > 2_000_000 }
            let answer = try relay.upload(frames(2))
            #expect(answer.status == 503)
            #expect(answer.reason == "frame-memory-full")
            #expect(answer.field("retry-after") == "5")
            for client in slow {
                try client.send([0xD9])
                #expect(try client.readResponse(to: "POST").status == 200)
            }
        }
    }
}
