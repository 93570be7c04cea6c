// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import System
import TestSupport
import Testing

@testable import EvRelay

@Suite(.overEachTransport) struct UploadTests {
    @Test(arguments: [1, 4])
    func `every viewer gets every frame, byte for byte and in order`(threads: Int) throws {
        let frames = FrameSeries(byteCount: 40_000)
        try withRelay(threads: threads) { relay in
            let viewers = try (0..<20).map { _ in try relay.view() }
            let camera = try relay.connect()
            for number in 1...10 {
                let jpeg = frames(number)
                let answer = try camera.upload(jpeg)
                #expect(try answer.json()["viewers"]?.int == 20)
                for viewer in viewers {
                    #expect(isSame(try viewer.part().jpeg, jpeg))
                }
            }
        }
    }

    @Test(arguments: [130, 40_000, 1_000_000, 1 << 20], [StreamReader.Form.plain, .browser])
    func `frames of every size come out as they came in`(byteCount: Int, form: StreamReader.Form) throws {
        let frames = FrameSeries(byteCount: byteCount)
        try withRelay({ $0.limits.maxFrameBytes = 1 << 20 }) { relay in
            let viewer = try relay.view("/stream?advance_headers=\(form == .browser ? 1 : 0)", form: form)
            let camera = try relay.connect()
            for number in 1...3 {
                #expect(try camera.upload(frames(number)).status == 200)
                #expect(try frames.number(of: try viewer.part().jpeg) == number)
            }
        }
    }

    @Test func `a frame of one byte too many is refused before its body is read`() throws {
        try withRelay({ $0.limits.maxFrameBytes = 1 << 20 }) { relay in
            let viewer = try relay.view()
            let camera = try relay.connect()
            try camera.send(
                RequestText.head("POST", "/upload", ["Content-Type: image/jpeg", "Content-Length: \((1 << 20) + 1)"]))
            let answer = try camera.readResponse(to: "POST")
            #expect(answer.status == 413)
            #expect(answer.reason == "frame-too-large")
            #expect(answer.field("connection") == "close")
            try camera.waitForEnd()
            try relay.connect().publish(JPEGSamples.grey)
            #expect(try viewer.part().jpeg == JPEGSamples.grey)
        }
    }

    @Test func `a client that pushes its too large frame without waiting reads the answer`() throws {
        let frame = FrameSeries(byteCount: 6 << 20)(1)
        try withRelay { relay in
            for _ in 1...3 {
                let camera = try relay.connect()
                _ = try camera.sendUntilAnswered(RequestText.upload(frame))
                #expect(try camera.readResponse(to: "POST").status == 413)
            }
        }
    }

    @Test func `the answer says what the server would like`() throws {
        try withRelay { relay in
            let before = SystemClock.nowMicroseconds() / 1000
            let alone = try relay.upload(JPEGSamples.grey, to: "door")
            let json = try alone.json()
            #expect(json.names == ["camera", "sequence", "trailing_bytes", "viewers", "wanted_frames_per_second"])
            #expect(json["camera"]?.string == "door")
            #expect(json["viewers"]?.int == 0)
            #expect(json["wanted_frames_per_second"]?.int == 1)
            // Begins above the numbers of an earlier run.
            #expect(try #require(json["sequence"]?.int) > before)
            #expect(alone.field("cache-control") == "no-store")

            let viewer = try relay.view("/stream/door")
            let watched = try relay.upload(JPEGSamples.colour, to: "door").json()
            #expect(watched["viewers"]?.int == 1)
            #expect(watched["wanted_frames_per_second"] == .null)
            #expect(watched["sequence"]?.int == (json["sequence"]?.int ?? 0) + 1)
            viewer.client.close()
            try eventually("the viewer is gone") { relay.viewers.taken == 0 }
        }
    }

    @Test(arguments: ["POST", "PUT"], ["1.0", "1.1"])
    func `both methods upload, with both versions`(method: String, version: String) throws {
        try withRelay { relay in
            let viewer = try relay.view()
            let camera = try relay.connect()
            try camera.send(RequestText.upload(JPEGSamples.colour, method: method, version: version))
            let answer = try camera.readResponse(to: method)
            #expect(answer.status == 200)
            #expect(answer.minorVersion == (version == "1.0" ? 0 : 1))
            #expect(try viewer.part().jpeg == JPEGSamples.colour)
            if version == "1.0" {
                #expect(answer.field("connection") == "close")
                #expect(try camera.readToEnd() == [])
            } else {
                #expect(try camera.upload(JPEGSamples.grey).status == 200)
            }
        }
    }

    @Test func `an HTTP 1.0 connection is kept where the client asks for it`() throws {
        try withRelay { relay in
            let camera = try relay.connect()
            for _ in 1...3 {
                try camera.send(RequestText.upload(JPEGSamples.grey, ["Connection: keep-alive"], version: "1.0"))
                let answer = try camera.readResponse(to: "POST")
                #expect(answer.status == 200)
                #expect(answer.field("connection") == "keep-alive")
            }
        }
    }

    @Test(arguments: ["image/jpeg", "image/jpg", "IMAGE/JPEG", "image/jpeg; quality=80"])
    func `the types of a JPEG are accepted`(type: String) throws {
        try withRelay { relay in
            let camera = try relay.connect()
            let jpeg = JPEGSamples.grey
            let head = RequestText.head(
                "POST", "/upload", ["Content-Type: \(type)", "Content-Length: \(jpeg.count)"])
            try camera.send(Array(head.utf8) + jpeg)
            #expect(try camera.readResponse(to: "POST").status == 200)
        }
    }

    @Test(arguments: [
        (["Content-Type: text/plain", "Content-Length: 5"], 415, "unsupported-type"),
        (["Content-Type: image/png", "Content-Length: 5"], 415, "unsupported-type"),
        (["Content-Length: 5"], 415, "unsupported-type"),
        (["Content-Type: image/jpeg", "Content-Length: 5", "Content-Encoding: gzip"], 415, "unsupported-encoding"),
        (["Content-Type: image/jpeg", "Transfer-Encoding: chunked"], 411, "length-required"),
        (["Content-Type: image/jpeg"], 411, "length-required"),
        (["Content-Type: image/jpeg", "Content-Length: 0"], 422, "not-a-jpeg"),
        (["Content-Type: image/jpeg", "Content-Length: 5"], 422, "not-a-jpeg"),
        (["Content-Type: image/jpeg", "Content-Length: 5", "Expect: 200-ok"], 417, "expectation-failed"),
    ])
    func `what is no frame is refused and leaves the latest one`(fields: [String], status: Int, reason: String) throws {
        try withRelay { relay in
            let sequence = try relay.connect().publish(JPEGSamples.grey)
            let camera = try relay.connect()
            try camera.send(RequestText.head("POST", "/upload", fields))
            if fields.contains("Content-Length: 5") { _ = try camera.sendUntilAnswered(Array("hello".utf8)) }
            let answer = try camera.readResponse(to: "POST")
            #expect(answer.status == status)
            #expect(answer.reason == reason)
            let snapshot = try relay.request("GET", "/snapshot")
            #expect(snapshot.field("etag") == "\"\(sequence)\"")
            #expect(snapshot.body == JPEGSamples.grey)
        }
    }
}
