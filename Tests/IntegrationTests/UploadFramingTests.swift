// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import Synchronization
import System
import TestSupport
import Testing

@testable import EvRelay

@Suite(.overEachTransport) struct UploadFramingTests {
    @Test(arguments: [1, 4])
    func `cameras that upload at the same time are never mixed`(threads: Int) throws {
        let frames = FrameSeries(byteCount: 40_000)
        try withRelay(threads: threads) { relay in
            let (address, tls) = (relay.address, relay.tls)
            // Two connections per camera, as for a camera that is just reconnecting.
            let viewers = [try relay.view("/stream/left"), try relay.view("/stream/right")]
            try together(4) { index in
                let client = try TestClient(address, tls: tls)
                let camera = index % 2 == 0 ? "left" : "right"
                for number in 0..<20 { try client.publish(frames(number * 4 + index), to: camera) }
            }
            for (parity, camera) in ["left", "right"].enumerated() {
                let viewer = viewers[parity]
                let latest = try relay.request("GET", "/snapshot/\(camera)")
                let last = try frames.number(of: latest.body)
                while true {
                    let number = try frames.number(of: try viewer.part().jpeg)
                    #expect(number % 2 == parity)
                    if number == last { break }
                }
            }
        }
    }

    @Test(arguments: [1, 4])
    func `a camera's sequence grows by one from upload to upload, whoever sends`(threads: Int) throws {
        try withRelay(threads: threads) { relay in
            let (address, tls) = (relay.address, relay.tls)
            let sequences = Mutex<[Int64]>([])
            try together(4) { _ in
                let client = try TestClient(address, tls: tls)
                for _ in 1...25 {
                    let sequence = try client.publish(JPEGSamples.grey)
                    sequences.withLock { $0.append(sequence) }
                }
            }
            let sorted = sequences.withLock { $0.sorted() }
            let first = try #require(sorted.first)
            #expect(sorted == Array(first..<first + 100))
        }
    }

    @Test func `a client that waits for 100-continue is told to go on`() throws {
        try withRelay { relay in
            let camera = try relay.connect()
            for _ in 1...2 {
                let length = "Content-Length: \(JPEGSamples.grey.count)"
                try camera.send(
                    RequestText.head("POST", "/upload", ["Content-Type: image/jpeg", length, "Expect: 100-continue"]))
                let interim = try camera.readHead()
                #expect(interim.status == 100)
                #expect(interim.fields.isEmpty)
                try camera.send(JPEGSamples.grey)
                #expect(try camera.readResponse(to: "POST").status == 200)
            }
        }
    }

    @Test func `a refusal comes without 100-continue`() throws {
        try withRelay { relay in
            let camera = try relay.connect()
            try camera.send(
                RequestText.head(
                    "POST", "/upload",
                    ["Content-Type: image/jpeg", "Content-Length: 60000000", "Expect: 100-continue"]))
            #expect(try camera.readResponse(to: "POST").status == 413)
        }
    }

    @Test func `a body that comes byte by byte is one frame`() throws {
        let jpeg = JPEGSamples.grey
        try withRelay { relay in
            let viewer = try relay.view()
            let camera = try relay.connect()
            for byte in RequestText.upload(jpeg) { try camera.send([byte]) }
            #expect(try camera.readResponse(to: "POST").status == 200)
            #expect(try viewer.part().jpeg == jpeg)
        }
    }

    @Test(arguments: [1, 7, 4_095, 4_096, 4_097, 65_536])
    func `a body that comes in pieces is one frame`(pieceBytes: Int) throws {
        let frames = FrameSeries(byteCount: pieceBytes < 100 ? 2_000 : 200_000)
        try withRelay { relay in
            let viewer = try relay.view()
            let camera = try relay.connect()
            let bytes = RequestText.upload(frames(1)) + RequestText.upload(frames(2))
            for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
                try camera.send(Array(bytes[start..<min(start + pieceBytes, bytes.count)]))
            }
            #expect(try camera.readResponse(to: "POST").status == 200)
            #expect(try camera.readResponse(to: "POST").status == 200)
            var seen = try frames.number(of: try viewer.part().jpeg)
            while seen < 2 { seen = try frames.number(of: try viewer.part().jpeg) }
            #expect(seen == 2)
        }
    }

    @Test func `fifty uploads in one write are answered in order`() throws {
        let frames = FrameSeries(byteCount: 5_000)
        try withRelay { relay in
            let camera = try relay.connect()
            try camera.send((1...50).flatMap { RequestText.upload(frames($0)) })
            var sequences: [Int64] = []
            for _ in 1...50 {
                let answer = try camera.readResponse(to: "POST")
                #expect(answer.status == 200)
                sequences.append(try #require(answer.json()["sequence"]?.int))
            }
            let first = try #require(sequences.first)
            #expect(sequences == Array(first..<first + 50))
            #expect(try frames.number(of: try camera.request("GET", "/snapshot").body) == 50)
        }
    }

    @Test func `requests of other kinds between pipelined uploads are answered in their turn`() throws {
        let frames = FrameSeries(byteCount: 3_000)
        try withRelay { relay in
            let client = try relay.connect()
            var all: [UInt8] = []
            for number in 1...20 {
                all += RequestText.upload(frames(number))
                all += Array(RequestText.head("GET", "/snapshot").utf8)
                all += Array(RequestText.head("HEAD", "/healthz").utf8)
                all += Array(RequestText.head("GET", "/nothing").utf8)
            }
            try client.send(all)
            for number in 1...20 {
                #expect(try client.readResponse(to: "POST").status == 200)
                #expect(try frames.number(of: try client.readResponse().body) == number)
                #expect(try client.readResponse(to: "HEAD").status == 200)
                #expect(try client.readResponse().status == 404)
            }
        }
    }

    @Test func `a frame that is refused for its bytes does not end the connection`() throws {
        try withRelay { relay in
            let camera = try relay.connect()
            #expect(try camera.upload(Array("NOTAJPEG".utf8)).reason == "not-a-jpeg")
            #expect(try camera.upload(JPEGSamples.grey).status == 200)
        }
    }

    @Test(arguments: [false, true])
    func `uploads that break off change nothing and give their memory back`(isReset: Bool) throws {
        let frames = FrameSeries(byteCount: 900_000)
        try withRelay({
            $0.limits.maxFrameBytes = 1 << 20
            $0.limits.frameMemoryBytes = 3 << 20
        }) { relay in
            let viewer = try relay.view()
            try relay.connect().publish(frames(1))
            let held = relay.ledger.usedBytes
            for part in [0, 1, 1_000, 450_000, 899_999] {
                let camera = try relay.connect()
                let request = RequestText.upload(frames(2))
                try camera.send(Array(request[..<(request.count - 900_000 + part)]))
                try eventually("room is taken for the frame") { relay.ledger.usedBytes > held }
                try isReset ? camera.reset() : camera.close()
                try eventually("the memory is back") { relay.ledger.usedBytes == held }
            }
            #expect(try frames.number(of: try relay.request("GET", "/snapshot").body) == 1)
            #expect(try frames.number(of: try viewer.part().jpeg) == 1)
            try relay.connect().publish(frames(3))
            #expect(try frames.number(of: try viewer.part().jpeg) == 3)
        }
    }

    @Test func `a body that takes too long is answered 408 and gives its memory back`() throws {
        try withRelay({ $0.timeouts.body = .milliseconds(300) }) { relay in
            let camera = try relay.connect()
            // Bytes keep trickling in: the limit is a total.
            for byte in RequestText.upload(FrameSeries(byteCount: 2_000)(1)) {
                if camera.isReadable { break }
                try camera.send([byte])
                pause(until: SystemClock.monotonic() + .milliseconds(5))
            }
            let answer = try camera.readResponse(to: "POST")
            #expect(answer.reason == "too-slow")
            #expect(answer.status == 408)
            try camera.waitForEnd()
            try eventually("the memory is back") { relay.ledger.usedBytes == 0 }
        }
    }
}
