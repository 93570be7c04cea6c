// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import TestSupport
import Testing

@testable import EvRelay

@Suite(.overEachTransport) struct StreamingUploadTests {
    @Test(arguments: StreamingUpload.Framing.allCases, [true, false])
    func `every framing brings every frame`(framing: StreamingUpload.Framing, hasLengths: Bool) throws {
        let frames = FrameSeries(byteCount: 40_000)
        try withRelay { relay in
            let viewer = try relay.view()
            let camera = try relay.connect()
            // ffmpeg states no type, and no length either; a body with a length needs its type.
            let type = framing == .length ? "multipart/x-mixed-replace; boundary=ffmpeg" : nil
            var upload = StreamingUpload(framing: framing, type: type, hasLengths: hasLengths)
            let parts = (1...5).map { upload.part(frames($0)) }
            upload.contentLength = parts.reduce(0) { $0 + $1.count } + upload.end().count
            try camera.send(upload.head())
            for number in 1...5 {
                try camera.send(parts[number - 1])
                // Without lengths, the next delimiter ends the part.
                if hasLengths { #expect(try frames.number(of: try viewer.part().jpeg) == number) }
            }
            try camera.send(upload.end())
            let answer = try camera.readResponse(to: "POST")
            #expect(answer.status == 200)
            let json = try answer.json()
            #expect(json.names == ["camera", "frames", "skipped", "sequence", "trailing_bytes"])
            #expect(json["camera"]?.string == "default")
            #expect(json["frames"]?.int == 5)
            #expect(json["skipped"]?.int == 0)
            let snapshot = try relay.request("GET", "/snapshot")
            #expect(snapshot.field("x-frame-sequence") == json["sequence"]?.int.map { "\($0)" })
            #expect(try frames.number(of: snapshot.body) == 5)
            #expect(try camera.readToEnd() == [])
        }
    }

    /// Bytes as recorded from ffmpeg -f mpjpeg -method POST: no Content-Type, and each part in two chunks.
    @Test func `what ffmpeg sends is a streaming upload`() throws {
        let frames = FrameSeries(byteCount: 12_000)
        try withRelay { relay in
            let viewer = try relay.view("/stream/test")
            let camera = try relay.connect()
            try camera.send(
                "POST /upload/test HTTP/1.1\r\nTransfer-Encoding: chunked\r\nUser-Agent: Lavf/59.27.100\r\n"
                    + "Accept: */*\r\nConnection: close\r\nHost: localhost:30333\r\nIcy-MetaData: 1\r\n\r\n")
            let upload = StreamingUpload(framing: .chunked)
            for number in 1...3 {
                let jpeg = frames(number)
                let head = "Content-type: image/jpeg\r\nContent-length: \(jpeg.count)\r\n\r\n"
                if number == 1 { try camera.send(upload.framed(Array("--ffmpeg\r\n".utf8))) }
                try camera.send(upload.framed(Array(head.utf8)))
                try camera.send(upload.framed(jpeg + Array("\r\n--ffmpeg\r\n".utf8)))
                #expect(try frames.number(of: try viewer.part().jpeg) == number)
            }
            // The last chunk follows an ordinary delimiter, which once counted as a part cut short.
            try camera.send(upload.endOfBody)
            let answer = try camera.readResponse(to: "POST")
            #expect(answer.status == 200)
            #expect(try answer.json()["frames"]?.int == 3)
        }
    }

    /// ffmpeg -chunked_post 0 sends a body without a length and closes.
    @Test(arguments: [true, false])
    func `a body without a length ends with the connection`(isHalfClosed: Bool) throws {
        let frames = FrameSeries(byteCount: 12_000)
        try withRelay { relay in
            let viewer = try relay.view()
            let camera = try relay.connect()
            let upload = StreamingUpload(framing: .untilEnd)
            // The bytes between the last frame and the end do not matter.
            try camera.send(upload.head() + upload.part(frames(1)) + upload.part(frames(2)).dropLast(2))
            if isHalfClosed {
                try camera.shutdownWrite()
                #expect(try camera.readResponse(to: "POST").json()["frames"]?.int == 2)
            } else {
                camera.close()
            }
            var seen = 0
            while seen != 2 { seen = try frames.number(of: try viewer.part().jpeg) }
            try eventually("the upload has ended") { relay.log.has("streaming upload ended", "frames=2") }
        }
    }

    @Test(arguments: [StreamingUpload.Framing.chunked, .untilEnd])
    func `a body that ends in the middle of a part is refused, and the frames before it stay`(
        framing: StreamingUpload.Framing
    ) throws {
        try withRelay { relay in
            let camera = try relay.connect()
            let upload = StreamingUpload(framing: framing)
            let half = Array(upload.plainPart(JPEGSamples.colour).dropLast(10))
            try camera.send(upload.head() + upload.part(JPEGSamples.grey) + upload.framed(half) + upload.endOfBody)
            if framing == .untilEnd { try camera.shutdownWrite() }
            let answer = try camera.readResponse(to: "POST")
            #expect(answer.status == 400)
            #expect(answer.reason == "bad-multipart")
            #expect(try relay.request("GET", "/snapshot").body == JPEGSamples.grey)
        }
    }

    @Test func `the last byte of a part publishes it, not the first of the next`() throws {
        let frames = FrameSeries(byteCount: 12_000)
        try withRelay { relay in
            let viewer = try relay.view()
            let camera = try relay.connect()
            let upload = StreamingUpload(framing: .untilEnd)
            try camera.send(upload.head())
            for number in 1...3 {
                // The CRLF after the frame belongs to the next delimiter.
                let part = Array(upload.part(frames(number)).dropLast(2))
                try camera.send(Array(part.dropLast()))
                try camera.send([try #require(part.last)])
                #expect(try frames.number(of: try viewer.part().jpeg) == number)
                try camera.send([0x0D, 0x0A])
            }
        }
    }

    @Test(arguments: [
        ("multipart/x-mixed-replace; boundary=ffmpeg", "ffmpeg"),
        ("multipart/x-mixed-replace;boundary=\"with blank and:colon\"", "with blank and:colon"),
        ("multipart/x-mixed-replace; boundary=--ffmpeg", "ffmpeg"),
        ("Multipart/X-Mixed-Replace; charset=utf-8; Boundary=ffmpeg", "ffmpeg"),
        ("multipart/x-mixed-replace", "ffmpeg"),
        ("multipart/x-mixed-replace; boundary=\"frame\"", "frame"),
    ])
    func `the boundary comes from the type or from the first line`(type: String, boundary: String) throws {
        try withRelay { relay in
            let camera = try relay.connect()
            try camera.send(
                StreamingUpload.request(
                    [JPEGSamples.grey, JPEGSamples.colour], .chunked, type: type, boundary: boundary))
            let answer = try camera.readResponse(to: "POST")
            #expect(answer.status == 200, "\(answer.text)")
            #expect(try answer.json()["frames"]?.int == 2)
            #expect(try relay.request("GET", "/snapshot").body == JPEGSamples.colour)
        }
    }

    @Test(arguments: StreamingUpload.Framing.allCases, [true, false])
    func `cut at any byte it is the same upload`(framing: StreamingUpload.Framing, hasLengths: Bool) throws {
        let first = FrameSeries(byteCount: FrameSeries.leastBytes)(1)
        let second = FrameSeries(byteCount: FrameSeries.leastBytes)(2)
        let type = "multipart/x-mixed-replace; boundary=ffmpeg"
        let request = StreamingUpload.request([first, second], framing, type: type, hasLengths: hasLengths)
        try withRelay { relay in
            for place in 1..<request.count {
                let camera = try relay.connect()
                try camera.send(Array(request[..<place]))
                try camera.send(Array(request[place...]))
                let answer = try camera.readResponse(to: "POST")
                #expect(answer.status == 200, "cut at \(place)")
                #expect(try answer.json()["frames"]?.int == 2, "cut at \(place)")
            }
            #expect(try relay.request("GET", "/snapshot").body == second)
        }
    }

    @Test func `byte by byte it is the same upload`() throws {
        let frames = FrameSeries(byteCount: 500)
        try withRelay { relay in
            let camera = try relay.connect()
            for byte in StreamingUpload.request([frames(1), frames(2)], .chunked, hasLengths: false) {
                try camera.send([byte])
            }
            #expect(try camera.readResponse(to: "POST").json()["frames"]?.int == 2)
        }
    }

    @Test func `a part may hold the closing bytes of others`() throws {
        // In a part with a length the frame is not searched; in one without, a delimiter counts only after CRLF.
        let comment = Array("--ffmpeg--\r\n--ffmpe\r\n".utf8)
        let jpeg = Array(JPEGSamples.grey[..<2]) + JPEGBuilder.segment(0xFE, comment) + JPEGSamples.grey[2...]
        try withRelay { relay in
            let camera = try relay.connect()
            try camera.send(StreamingUpload.request([jpeg, JPEGSamples.colour], .chunked))
            #expect(try camera.readResponse(to: "POST").json()["frames"]?.int == 2)
            let other = try relay.connect()
            try other.send(StreamingUpload.request([jpeg, jpeg], .chunked, hasLengths: false))
            #expect(try other.readResponse(to: "POST").json()["frames"]?.int == 2)
            #expect(try relay.request("GET", "/snapshot").body == jpeg)
        }
    }

    @Test func `a camera that waits for 100-continue is told to go on`() throws {
        try withRelay { relay in
            let camera = try relay.connect()
            try camera.send(
                RequestText.head(
                    "PUT", "/upload",
                    [
                        "Content-Type: multipart/x-mixed-replace; boundary=b", "Transfer-Encoding: chunked",
                        "Expect: 100-continue",
                    ]))
            #expect(try camera.readHead().status == 100)
            let upload = StreamingUpload(framing: .chunked, boundary: "b")
            try camera.send(upload.part(JPEGSamples.grey) + upload.end())
            #expect(try camera.readResponse(to: "PUT").status == 200)
        }
    }
}
