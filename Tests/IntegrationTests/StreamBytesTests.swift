// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import TestSupport
import Testing

@testable import EvRelay

/// The bytes on the wire, written out; the other tests read streams with `StreamReader`.
@Suite(.overEachTransport) struct StreamBytesTests {
    private static let imageAccept = "Accept: image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"

    /// One form: the request, and the bytes after the head, for `?frames=2`.
    struct Form: Sendable, CustomTestStringConvertible {
        let name: String
        let target: String
        var fields: [String] = []
        var version = "1.1"
        let opening: String
        /// The bytes before a frame of `N` bytes; `T` stands for the time.
        let before: String
        let between: String
        let closing: String
        var isChunked = false
        var type = "multipart/x-mixed-replace; boundary=frame"

        var testDescription: String { name }
    }

    static let forms = [
        Form(
            name: "plain, chunked", target: "/stream?frames=2", fields: ["Accept: */*"], opening: "--frame\r\n",
            before: "Content-Type: image/jpeg\r\nContent-Length: N\r\nX-Timestamp: T\r\n\r\n",
            between: "\r\n--frame\r\n", closing: "\r\n--frame--\r\n", isChunked: true),
        Form(
            name: "plain, HTTP 1.0", target: "/stream?frames=2", version: "1.0", opening: "--frame\r\n",
            before: "Content-Type: image/jpeg\r\nContent-Length: N\r\nX-Timestamp: T\r\n\r\n",
            between: "\r\n--frame\r\n", closing: "\r\n--frame--\r\n"),
        Form(
            name: "browser form by Accept", target: "/stream?frames=2", fields: [imageAccept],
            opening: "--frame\r\nContent-Type: image/jpeg\r\n\r\n", before: "",
            between: "\r\n--frame\r\nContent-Type: image/jpeg\r\n\r\n", closing: "\r\n--frame--\r\n", isChunked: true),
        Form(
            name: "browser form by parameter, HTTP 1.0", target: "/stream?advance_headers=1&frames=2", version: "1.0",
            opening: "--frame\r\nContent-Type: image/jpeg\r\n\r\n", before: "",
            between: "\r\n--frame\r\nContent-Type: image/jpeg\r\n\r\n", closing: "\r\n--frame--\r\n"),
        Form(
            name: "plain form by parameter against Accept", target: "/stream?frames=2&advance_headers=0",
            fields: [imageAccept], opening: "--frame\r\n",
            before: "Content-Type: image/jpeg\r\nContent-Length: N\r\nX-Timestamp: T\r\n\r\n",
            between: "\r\n--frame\r\n", closing: "\r\n--frame--\r\n", isChunked: true),
        Form(
            name: "mjpg-streamer's address", target: "/?action=stream&frames=2", opening: "--boundarydonotcross\r\n",
            before: "Content-Type: image/jpeg\r\nContent-Length: N\r\nX-Timestamp: T\r\n\r\n",
            between: "\r\n--boundarydonotcross\r\n", closing: "\r\n--boundarydonotcross--\r\n",
            type: "multipart/x-mixed-replace;boundary=boundarydonotcross"),
        Form(
            name: "mjpg-streamer's address in an <img>", target: "/?action=stream_0&frames=2", fields: [imageAccept],
            opening: "--boundarydonotcross\r\nContent-Type: image/jpeg\r\n\r\n", before: "",
            between: "\r\n--boundarydonotcross\r\nContent-Type: image/jpeg\r\n\r\n",
            closing: "\r\n--boundarydonotcross--\r\n",
            type: "multipart/x-mixed-replace;boundary=boundarydonotcross"),
    ]

    @Test(arguments: forms)
    func `every form has exactly these bytes`(form: Form) throws {
        let frames = FrameSeries(byteCount: 2_345)
        try withRelay { relay in
            let camera = try relay.connect()
            try camera.publish(frames(1))
            let first = try #require(try camera.request("HEAD", "/snapshot").field("x-timestamp"))
            let client = try relay.connect()
            try client.send(RequestText.head("GET", form.target, form.fields, version: form.version))
            let head = try client.readHead()
            #expect(head.status == 200)
            #expect(head.field("content-type") == form.type)
            #expect(head.field("transfer-encoding") == (form.isChunked ? "chunked" : nil))
            #expect(head.field("connection") == "close")

            let part1 = Self.filled(form.before, frames(1), first) + Array(form.between.utf8)
            let opening = Array(form.opening.utf8)
            let beginning = form.isChunked ? Self.chunk(opening) + Self.chunk(part1) : opening + part1
            // Head and first frame at once, with the delimiter after it and nothing more.
            #expect(isSame(try client.read(beginning.count), beginning))
            #expect(!client.isReadable)

            try camera.publish(frames(2))
            let second = try #require(try camera.request("HEAD", "/snapshot").field("x-timestamp"))
            let part2 = Self.filled(form.before, frames(2), second) + Array(form.closing.utf8)
            let end = form.isChunked ? Self.chunk(part2) + Array("0\r\n\r\n".utf8) : part2
            #expect(isSame(try client.readToEnd(), end))
        }
    }

    @Test(arguments: ["1.0", "1.1"])
    func `a stream's head keeps everybody from storing it`(version: String) throws {
        try withRelay { relay in
            let client = try relay.connect()
            try client.send(RequestText.head("GET", "/stream", version: version))
            let head = try client.readHead()
            #expect(head.minorVersion == (version == "1.0" ? 0 : 1))
            #expect(
                head.field("cache-control") == "no-store, no-cache, must-revalidate, max-age=0, no-transform")
            #expect(head.field("pragma") == "no-cache")
            #expect(head.field("x-accel-buffering") == "no")
            #expect(head.field("date")?.hasSuffix(" GMT") == true)
            #expect(head.field("content-length") == nil)
        }
    }

    @Test(arguments: ["/stream", "/stream/door", "/?action=stream"])
    func `HEAD answers the same head and ends`(target: String) throws {
        try withRelay { relay in
            let viewer = try relay.connect()
            try viewer.send(RequestText.head("GET", target))
            let got = try viewer.readHead().fields.filter { $0.name != "Date" }.map { "\($0.name): \($0.value)" }
            let client = try relay.connect()
            try client.send(RequestText.head("HEAD", target))
            let head = try client.readHead().fields.filter { $0.name != "Date" }.map { "\($0.name): \($0.value)" }
            #expect(head == got)
            #expect(try client.readToEnd() == [])
            #expect(relay.viewers.taken == 1)
        }
    }

    @Test(arguments: [
        ("/stream", "Sec-Fetch-Dest: document", "watch/default"),
        ("/stream/door", "Sec-Fetch-Dest: document", "../watch/door"),
        (
            "/stream/door?fps=3",
            "Accept: text/html,application/xhtml+xml,image/avif,*/*;q=0.8\r\nUser-Agent: Mozilla/5.0", "../watch/door"
        ),
        ("/stream/", "Sec-Fetch-Dest: document", "../watch/default"),
        ("//stream//door/", "Sec-Fetch-Dest: document", "../../../../watch/door"),
        ("/?action=stream&camera=door", "Sec-Fetch-Dest: document", "watch/door"),
    ])
    func `somebody who opens the address itself is led to the page`(
        target: String, field: String, location: String
    ) throws {
        try withRelay { relay in
            let answer = try relay.request("GET", target, field)
            #expect(answer.status == 302)
            #expect(answer.field("location") == location)
            #expect(relay.viewers.taken == 0)
        }
    }

    @Test func `an img is no navigation even where its Accept names text html`() throws {
        try withRelay { relay in
            let viewer = try relay.view("/stream", "Sec-Fetch-Dest: image", "Accept: text/html,image/*", form: .browser)
            #expect(viewer.head.status == 200)
        }
    }

    private static func filled(_ pattern: String, _ jpeg: [UInt8], _ time: String) -> [UInt8] {
        let head = pattern.split(separator: "\r\n", omittingEmptySubsequences: false).map { line in
            switch line {
            case "Content-Length: N": "Content-Length: \(jpeg.count)"
            case "X-Timestamp: T": "X-Timestamp: \(time)"
            default: String(line)
            }
        }
        return Array(head.joined(separator: "\r\n").utf8) + jpeg
    }

    private static func chunk(_ bytes: [UInt8]) -> [UInt8] {
        Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [0x0D, 0x0A]
    }
}
