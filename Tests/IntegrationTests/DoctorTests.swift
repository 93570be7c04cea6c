// SPDX-License-Identifier: MIT
import Glibc
import LibEvent
import System
import TestSupport
import Testing

@testable import EvRelay

@Suite struct DoctorTests {
    // MARK: - A request as the server sees it

    @Test func `info tells how the server sees the request`() throws {
        try withRelay { relay in
            try relay.connect().publish(JPEGSamples.grey)
            let viewer = try relay.view()
            let before = SystemClock.nowMicroseconds()
            let answer = try relay.request("GET", "/doctor/info")
            #expect(answer.field("cache-control") == "no-store")
            let json = try answer.json()
            #expect(
                json.names == [
                    "server", "version", "time_us", "client", "peer", "forwarded", "trusted", "named", "scheme",
                    "host", "protocol", "publishing", "publishing_reason", "publishing_by", "https_url",
                    "max_frame_bytes",
                    "cameras",
                    "viewers",
                ])
            #expect(json["server"]?.string?.count == 16)
            #expect(json["version"]?.string == Version.current)
            #expect((before...SystemClock.nowMicroseconds()).contains(try #require(json["time_us"]?.int)))
            #expect(json["client"]?.string == "127.0.0.1")
            #expect(json["peer"]?.string == "127.0.0.1")
            #expect(json["forwarded"] == .bool(false))
            #expect(json["trusted"] == .bool(false))
            #expect(json["scheme"]?.string == "http")
            #expect(json["host"]?.string == "relay.local")
            #expect(json["protocol"]?.string == "HTTP/1.1")
            #expect(json["publishing"] == .bool(true))
            #expect(json["publishing_reason"] == .null)
            #expect(json["publishing_by"]?.string == "this-machine")
            #expect(json["max_frame_bytes"]?.int == 5 << 20)
            #expect(json["cameras"]?.int == 1)
            #expect(json["viewers"]?.int == 1)
            viewer.client.close()
        }
    }

    @Test func `info tells who may not publish, and why`() throws {
        try withRelay { relay in
            let client = try relay.connect()
            let forwarded = try client.request("GET", "/doctor/info", ["X-Forwarded-For: 192.0.2.1"]).json()
            #expect(forwarded["publishing"] == .bool(false))
            #expect(forwarded["publishing_reason"]?.string == "publishing-not-allowed")
            #expect(forwarded["publishing_by"] == .null)
            #expect(forwarded["forwarded"] == .bool(true))
            let named = try client.request("GET", "/doctor/info", ["X-Real-IP: 192.0.2.1"]).json()
            #expect(named["forwarded"] == .bool(true) && named["publishing"] == .bool(false))
            // This peer is not configured as a trusted proxy.
            #expect(forwarded["client"]?.string == "127.0.0.1")
            #expect(forwarded["trusted"] == .bool(false))
            let foreign = try client.request("GET", "/doctor/info", ["Origin: https://other.example"]).json()
            #expect(foreign["publishing_reason"]?.string == "origin-not-allowed")
            let old = try relay.connect()
            try old.send("GET /doctor/info HTTP/1.0\r\n\r\n")
            let json = try old.readResponse().json()
            #expect(json["protocol"]?.string == "HTTP/1.0")
            #expect(json["host"]?.string == "")
        }
    }

    // MARK: - Timed parts

    /// Reads one chunk's content.
    private static func chunk(_ client: TestClient) throws -> [UInt8] {
        guard let count = Int(try client.readLine(), radix: 16) else { throw WaitError("a chunk's size") }
        let bytes = try client.read(count)
        guard try client.readLine() == "" else { throw WaitError("a chunk's end") }
        return bytes
    }

    /// Returns the sender's time in a line of exactly `byteCount` bytes.
    private static func time(_ line: [UInt8], part: Int, byteCount: Int) throws -> Int64 {
        #expect(line.count == byteCount)
        #expect(line.last == 0x0A)
        let text = String(decoding: line.dropLast(), as: UTF8.self)
        let end = try #require(text.firstIndex(of: "}"))
        #expect(text[text.index(after: end)...].allSatisfy { $0 == " " })
        let json = try JSONValue(parsing: Array(text[...end].utf8))
        #expect(json.names == ["part", "time_us"])
        #expect(json["part"]?.int == Int64(part))
        return try #require(json["time_us"]?.int)
    }

    /// Returns the time at the machine's last tick, in µs since 1970: libevent's timers count from such a time.
    private static func coarseMicroseconds() -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME_COARSE, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }

    @Test(arguments: [(8, 60, 64), (3, 100, 65_536), (1, 50, 100)])
    func `parts come one by one, at their times, in their size`(_ parts: Int, _ interval: Int, _ bytes: Int) throws {
        try withRelay { relay in
            let client = try relay.connect()
            let start = Self.coarseMicroseconds()
            try client.send(
                RequestText.head("GET", "/doctor/stream?parts=\(parts)&interval=\(interval)&bytes=\(bytes)"))
            let head = try client.readHead()
            #expect(head.status == 200)
            #expect(head.field("content-type") == "application/octet-stream")
            #expect(head.field("x-accel-buffering") == "no")
            #expect(head.field("cache-control")?.contains("no-store") == true)
            #expect(head.field("transfer-encoding") == "chunked")
            var last = start
            for part in 1...parts {
                let time = try Self.time(Self.chunk(client), part: part, byteCount: bytes)
                // Not before its time; how late depends on the machine.
                #expect(time >= start + Int64(part * interval - 1) * 1_000)
                #expect(time > last)
                #expect(time <= SystemClock.nowMicroseconds())
                last = time
            }
            #expect(try client.readLine() == "0")
            #expect(try client.readLine() == "")
            #expect(try client.readToEnd() == [])
        }
    }

    @Test func `the head comes at once, before there is anything to send`() throws {
        try withRelay { relay in
            let client = try relay.connect()
            try client.send(RequestText.head("GET", "/doctor/stream?parts=2&interval=1000"))
            let start = SystemClock.monotonic()
            _ = try client.readHead()
            #expect((SystemClock.monotonic() - start) < .milliseconds(900))
            #expect(!client.isReadable)
            client.close()
            try eventually("it is gone") { relay.connections.openConnections == 0 }
        }
    }

    @Test func `without chunks the lines follow each other and the connection ends behind the last`() throws {
        try withRelay { relay in
            let client = try relay.connect()
            try client.send("GET /doctor/stream?parts=3&interval=50&bytes=70 HTTP/1.0\r\n\r\n")
            #expect(try client.readHead().field("transfer-encoding") == nil)
            for part in 1...3 { _ = try Self.time(client.read(70), part: part, byteCount: 70) }
            #expect(try client.readToEnd() == [])
        }
    }

    @Test func `HEAD has the same head and nothing else; a body and wrong values are refused`() throws {
        try withRelay { relay in
            let client = try relay.connect()
            let head = try client.request("HEAD", "/doctor/stream")
            #expect(head.status == 200)
            #expect(head.field("content-type") == "application/octet-stream")
            #expect(try client.readToEnd() == [])
            for query in ["parts=0", "parts=41", "interval=49", "bytes=1000000"] {
                let answer = try relay.request("GET", "/doctor/stream?\(query)")
                #expect(answer.status == 400)
                #expect(answer.reason == "bad-parameter")
            }
            let body = try relay.connect()
            try body.send(RequestText.head("GET", "/doctor/stream", ["Content-Length: 1"]) + "x")
            #expect(try body.readResponse().reason == "bad-request")
        }
    }

    @Test func `parts that nobody reads on are no trouble`() throws {
        try withRelay { relay in
            let clients = try (0..<5).map { _ in
                let client = try relay.connect(receiveBufferBytes: 4_096)
                try client.send(RequestText.head("GET", "/doctor/stream?parts=40&interval=50&bytes=65536"))
                _ = try client.readHead()
                return client
            }
            for client in clients { try client.reset() }
            try eventually("they are gone") { relay.connections.openConnections == 0 }
            #expect(try relay.request("GET", "/healthz").status == 200)
        }
    }

    // MARK: - Echo

    private static func echo(_ byteCount: Int, _ fields: [String] = []) -> [UInt8] {
        let head = ["Content-Type: application/octet-stream", "Content-Length: \(byteCount)"] + fields
        return Array(RequestText.head("POST", "/doctor/echo", head).utf8) + [UInt8](repeating: 0x78, count: byteCount)
    }

    @Test func `an upload of any size up to the limit is counted, on one connection`() throws {
        try withRelay { relay in
            let client = try relay.connect()
            for count in [0, 1, 100_000, 256 << 10] {
                let before = SystemClock.nowMicroseconds()
                try client.send(Self.echo(count))
                let answer = try client.readResponse(to: "POST")
                #expect(answer.status == 200)
                #expect(answer.field("cache-control") == "no-store")
                let json = try answer.json()
                #expect(json.names == ["bytes", "time_us"])
                #expect(json["bytes"]?.int == Int64(count))
                #expect((before...SystemClock.nowMicroseconds()).contains(try #require(json["time_us"]?.int)))
            }
            // Two requests in one write.
            try client.send(Self.echo(10) + Self.echo(20))
            #expect(try client.readResponse(to: "POST").json()["bytes"]?.int == 10)
            #expect(try client.readResponse(to: "POST").json()["bytes"]?.int == 20)
            #expect(relay.ledger.usedBytes == 0)
            try client.send(
                RequestText.head(
                    "POST", "/doctor/echo",
                    [
                        "Content-Type: application/octet-stream", "Content-Length: 1", "Expect: 100-continue",
                    ]))
            #expect(try client.readResponse().status == 100)
            try client.send("x")
            #expect(try client.readResponse(to: "POST").status == 200)
        }
    }

    @Test(arguments: [
        (["Content-Type: application/octet-stream", "Content-Length: 262145"], 413, "body-too-large"),
        (["Content-Type: text/plain", "Content-Length: 1"], 415, "unsupported-type"),
        (["Content-Length: 1"], 415, "unsupported-type"),
        (["Content-Type: application/octet-stream", "Transfer-Encoding: chunked"], 411, "length-required"),
        (["Content-Type: application/octet-stream"], 411, "length-required"),
        (
            ["Content-Type: application/octet-stream", "Content-Length: 1", "Origin: https://other.example"], 403,
            "origin-not-allowed"
        ),
    ])
    func `other uploads are refused before their body`(_ fields: [String], _ status: Int, _ reason: String) throws {
        try withRelay { relay in
            let client = try relay.connect()
            try client.send(RequestText.head("POST", "/doctor/echo", fields))
            let answer = try client.readResponse(to: "POST")
            #expect(answer.status == status)
            #expect(answer.reason == reason)
            #expect(try client.readToEnd() == [])
        }
    }

    @Test func `a body that takes too long is refused`() throws {
        try withRelay({ $0.timeouts.body = .milliseconds(300) }) { relay in
            let client = try relay.connect()
            try client.send(Array(Self.echo(10).dropLast()))
            let answer = try client.readResponse(to: "POST")
            #expect(answer.status == 408)
            #expect(answer.reason == "too-slow")
        }
    }

    @Test func `who may not publish may measure`() throws {
        try withRelay { relay in
            let client = try relay.connect()
            try client.send(Self.echo(1_000, ["X-Forwarded-For: 192.0.2.1"]))
            #expect(try client.readResponse(to: "POST").status == 200)
        }
    }
}
