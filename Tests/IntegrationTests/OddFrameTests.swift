// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import TestSupport
import Testing

@testable import EvRelay

@Suite struct OddFrameTests {
    @Test func `odd frames are taken or refused, and nobody else notices`() throws {
        let frames = FrameSeries(byteCount: 10_000)
        try withRelay(threads: 2) { relay in
            let odd = try relay.connect()
            var shown = JPEGSamples.grey
            try odd.publish(shown, to: "odd")
            let watcher = try relay.view("/stream/odd")
            #expect(try watcher.part().jpeg == shown)
            let other = try relay.connect()
            let otherViewer = try relay.view("/stream/other")

            for (number, sample) in JPEGSamples.odd.enumerated() {
                let answer = try odd.upload(sample.bytes, to: "odd")
                #expect(answer.status == (sample.isAccepted ? 200 : 422), "\(sample.name)")
                if sample.isAccepted {
                    shown = sample.bytes
                    #expect(try watcher.part().jpeg == shown, "\(sample.name)")
                } else {
                    #expect(answer.reason == "not-a-jpeg", "\(sample.name)")
                }
                #expect(try odd.request("GET", "/snapshot/odd").body == shown, "\(sample.name)")
                try other.publish(frames(number), to: "other")
                #expect(try frames.number(of: try otherViewer.part().jpeg) == number)
            }
            #expect(!watcher.client.isReadable)
        }
    }

    /// Such frames were refused, and ffmpeg reported "Broken pipe".
    @Test(arguments: [false, true])
    func `what stands behind a frame never leaves`(isStreaming: Bool) throws {
        try withRelay { relay in
            let viewers = try [
                relay.view("/stream/padded"), relay.view("/stream/padded?advance_headers=1", form: .browser),
                relay.view("/?action=stream&camera=padded"),
            ]
            let camera = try relay.connect()
            let upload = StreamingUpload(framing: .chunked)
            if isStreaming { try camera.send(upload.head(to: "padded")) }
            var sum = 0
            for sample in JPEGSamples.padded {
                if isStreaming {
                    try camera.send(upload.part(sample.jpeg + sample.trailing))
                } else {
                    let answer = try camera.upload(sample.jpeg + sample.trailing, to: "padded")
                    #expect(answer.status == 200, "\(sample.name): \(answer.text)")
                    #expect(try answer.json()["trailing_bytes"]?.int == Int64(sample.trailing.count))
                }
                for viewer in viewers { #expect(try viewer.part().jpeg == sample.jpeg, "\(sample.name)") }
                let snapshot = try relay.request("GET", "/snapshot/padded")
                #expect(snapshot.body == sample.jpeg, "\(sample.name)")
                sum += sample.trailing.count
            }
            if isStreaming {
                try camera.send(upload.end())
                #expect(try camera.readResponse(to: "POST").json()["trailing_bytes"]?.int == Int64(sum))
            }
            let bytes = JPEGSamples.padded.reduce(0) { $0 + $1.jpeg.count }
            try relay.wait(for: "evrelay_received_bytes_total", Double(bytes))
            #expect(relay.log.count("bytes behind a frame left out", ["camera.id=padded"]) == 1)
            #expect(relay.ledger.usedBytes < 10_000)
        }
    }

    @Test func `odd frames of a streaming upload are passed over`() throws {
        let refused = JPEGSamples.odd.filter { !$0.isAccepted && !$0.bytes.isEmpty }
        try withRelay { relay in
            let watcher = try relay.view()
            let camera = try relay.connect()
            let upload = StreamingUpload(framing: .chunked)
            try camera.send(upload.head() + upload.part(JPEGSamples.grey))
            #expect(try watcher.part().jpeg == JPEGSamples.grey)
            for sample in refused {
                try camera.send(upload.part(sample.bytes) + upload.part(JPEGSamples.colour))
                #expect(try watcher.part().jpeg == JPEGSamples.colour, "\(sample.name)")
            }
            try camera.send(upload.end())
            #expect(try camera.readResponse(to: "POST").json()["frames"]?.int == Int64(refused.count + 1))
        }
    }

    @Test(arguments: ["--frame", "--frame\r\n", "\r\n--frame--\r\n", "x--frame", "--boundarydonotcross"])
    func `a frame that holds a stream's delimiter is refused`(comment: String) throws {
        let segment = JPEGBuilder.segment(0xFE, Array(comment.utf8))
        let jpeg = Array(JPEGSamples.grey[..<2]) + segment + JPEGSamples.grey[2...]
        try withRelay { relay in
            let viewer = try relay.view()
            let camera = try relay.connect()
            let answer = try camera.upload(jpeg)
            #expect(answer.status == 422)
            #expect(answer.reason == "delimiter-in-frame")
            #expect(try camera.request("GET", "/snapshot").status == 404)
            try camera.publish(JPEGSamples.colour)
            #expect(try viewer.part().jpeg == JPEGSamples.colour)
        }
    }

    @Test(arguments: ["-frame", "--fram", "--boundary", "--Frame"])
    func `a frame that holds less than a delimiter is not`(comment: String) throws {
        let segment = JPEGBuilder.segment(0xFE, Array(comment.utf8))
        let jpeg = Array(JPEGSamples.grey[..<2]) + segment + JPEGSamples.grey[2...]
        try withRelay { relay in
            let viewer = try relay.view("/stream?advance_headers=1", form: .browser)
            try relay.connect().publish(jpeg)
            #expect(try viewer.part().jpeg == jpeg)
        }
    }
}
