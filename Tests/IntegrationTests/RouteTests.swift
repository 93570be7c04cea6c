// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import System
import TestSupport
import Testing

@testable import EvRelay

@Suite struct RouteTests {
    @Test func `cameras lists every camera by name`() throws {
        try withRelay { relay in
            let client = try relay.connect()
            let empty = try client.request("GET", "/cameras")
            #expect(empty.status == 200)
            #expect(empty.field("cache-control") == "no-store")
            let json = try empty.json()
            #expect(json.names == ["server", "version", "cameras"])
            #expect(json["cameras"] == .array([]))
            #expect(json["server"]?.string?.count == 16)
            #expect(json["server"] == (try client.request("GET", "/healthz").json()["server"]))

            let sequence = try client.publish(JPEGSamples.colour, to: "door")
            for name in ["b", "a", "Z", "a.1"] { try client.publish(JPEGSamples.grey, to: name) }
            let cameras = try #require(try client.request("GET", "/cameras").json()["cameras"]?.elements)
            #expect(cameras.map { $0["name"]?.string } == ["Z", "a", "a.1", "b", "door"])
            let door = try #require(cameras.last)
            #expect(
                door.names == [
                    "name", "state", "sequence", "width", "height", "frame_bytes", "frames_per_second",
                    "bytes_per_second", "viewers", "last_frame_at", "age_ms",
                ])
            #expect(door["state"]?.string == "live")
            #expect(door["sequence"]?.int == sequence)
            #expect(door["width"]?.int == 64)
            #expect(door["height"]?.int == 48)
            #expect(door["frame_bytes"]?.int == Int64(JPEGSamples.colour.count))
            #expect(door["viewers"]?.int == 0)
            let alone = try client.request("GET", "/cameras/door").json()
            #expect(alone.names == door.names)
            #expect(alone["last_frame_at"] == door["last_frame_at"])
        }
    }

    @Test func `rates and viewers of a camera are told`() throws {
        let frames = FrameSeries(byteCount: 5_000)
        try withRelay { relay in
            let client = try relay.connect()
            let viewers = try (0..<3).map { _ in try relay.view() }
            let start = SystemClock.monotonic()
            for number in 0..<20 {
                pause(until: start + .milliseconds(20 * number))
                try client.publish(frames(number))
            }
            let json = try client.request("GET", "/cameras/default").json()
            #expect(json["viewers"]?.int == Int64(viewers.count))
            // 50 a second, or as many as the machine managed.
            let real = 19_000 / Double((SystemClock.monotonic() - start).wholeMilliseconds)
            guard case .decimal(let rate)? = json["frames_per_second"] else {
                throw WaitError("frames_per_second is \(String(describing: json["frames_per_second"]))")
            }
            #expect((real / 2...real * 2).contains(rate))
            #expect((rate * 4_900...rate * 5_100).contains(Double(try #require(json["bytes_per_second"]?.int))))
        }
    }

    @Test func `healthz says that this loop lives`() throws {
        try withRelay { relay in
            let answer = try relay.request("GET", "/healthz")
            #expect(answer.status == 200)
            let json = try answer.json()
            #expect(json.names == ["status", "server", "version"])
            #expect(json["status"]?.string == "ok")
        }
    }

    @Test func `readyz says that requests are welcome, and during a shutdown that they are not`() throws {
        try withRelay({ $0.timeouts.drain = .seconds(60) }) { relay in
            let answer = try relay.request("GET", "/readyz")
            #expect(answer.status == 200)
            #expect(answer.field("cache-control") == "no-store")
            let json = try answer.json()
            #expect(json.names == ["status", "server", "version"])
            #expect(json["status"]?.string == "ready")
            #expect(json["server"] == (try relay.request("GET", "/healthz").json()["server"]))
            // Connections that are half way through a request when the shutdown begins.
            let (ready, healthy) = (try relay.connect(), try relay.connect())
            try ready.send("GET /readyz HTTP/1.1\r\n")
            try healthy.send("GET /healthz HTTP/1.1\r\n")
            #expect(try relay.request("GET", "/healthz").status == 200)
            relay.shutDown()
            try eventually("the relay drains") { relay.log.has("draining") }
            try ready.send("Host: relay.local\r\n\r\n")
            let refusal = try ready.readResponse()
            #expect(refusal.status == 503)
            #expect(refusal.reason == "draining")
            #expect(refusal.field("retry-after") == "5")
            try healthy.send("Host: relay.local\r\n\r\n")
            #expect(try healthy.readResponse().status == 200)
            try relay.stop(within: .seconds(3))
        }
    }

    private static let routes: [(target: String, allow: String)] = [
        ("/", "GET, HEAD, OPTIONS"), ("/camera", "GET, HEAD, OPTIONS"), ("/watch", "GET, HEAD, OPTIONS"),
        ("/watch/door", "GET, HEAD, OPTIONS"), ("/favicon.svg", "GET, HEAD, OPTIONS"),
        ("/upload", "POST, PUT, OPTIONS"), ("/upload/door", "POST, PUT, OPTIONS"),
        ("/stream", "GET, HEAD, OPTIONS"), ("/stream/door", "GET, HEAD, OPTIONS"),
        ("/?action=stream", "GET, HEAD, OPTIONS"), ("/?action=snapshot", "GET, HEAD, OPTIONS"),
        ("/snapshot", "GET, HEAD, OPTIONS"), ("/snapshot.jpg", "GET, HEAD, OPTIONS"),
        ("/snapshot/door.jpg", "GET, HEAD, OPTIONS"), ("/cameras", "GET, HEAD, OPTIONS"),
        ("/cameras/door", "GET, HEAD, OPTIONS"), ("/healthz", "GET, HEAD, OPTIONS"),
        ("/readyz", "GET, HEAD, OPTIONS"), ("/metrics", "GET, HEAD, OPTIONS"),
        ("/doctor/info", "GET, HEAD, OPTIONS"), ("/doctor/stream", "GET, HEAD, OPTIONS"),
        ("/doctor/echo", "POST, OPTIONS"), ("/doctor/findings", "POST, OPTIONS"),
        ("/doctor/socket", "GET, HEAD, OPTIONS"),
    ]

    @Test(arguments: routes)
    func `every route says which methods it takes`(target: String, allow: String) throws {
        try withRelay { relay in
            let client = try relay.connect()
            let options = try client.request("OPTIONS", target)
            #expect(options.status == 204)
            #expect(options.field("allow") == allow)
            #expect(options.field("access-control-allow-methods") == nil)
            for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"] where !allow.contains(method) {
                // On a connection of its own: after a POST without a length the next request could not be found.
                let answer = try relay.request(method, target)
                #expect(answer.status == 405, "\(method)")
                #expect(answer.field("allow") == allow)
                #expect(method == "HEAD" || answer.reason == "method-not-allowed")
            }
            let unknown = try client.request("BREW", target)
            #expect(unknown.status == 501)
            #expect(unknown.reason == "unknown-method")
        }
    }

    @Test(arguments: [
        ("/nothing", 404, "not-found"), ("/nothing/here", 404, "not-found"), ("/a/b/c", 404, "not-found"),
        ("//", 404, "not-found"), ("/?action=", 404, "not-found"), ("/index", 404, "not-found"),
        ("/js/../index.html", 404, "not-found"), ("/js/%2e%2e/index.html", 404, "not-found"),
        ("/upload/.x", 400, "bad-camera-name"), ("/watch/.x", 400, "bad-camera-name"),
        ("/cameras/a%2Fb", 404, "not-found"), ("/stream/\u{E9}", 400, "bad-request"),
        ("/stream/%C3%A9", 400, "bad-camera-name"), ("/cameras/door", 404, "unknown-camera"),
        ("/stream/\(String(repeating: "n", count: 65))", 400, "bad-camera-name"),
    ])
    func `what is not there is refused in words`(target: String, status: Int, reason: String) throws {
        try withRelay { relay in
            let method = target.hasPrefix("/upload") ? "OPTIONS" : "GET"
            let answer = try relay.request(method, target)
            #expect(answer.status == status)
            #expect(answer.reason == reason)
        }
    }

    @Test func `nothing that is only asked for makes a camera`() throws {
        try withRelay { relay in
            let client = try relay.connect()
            for target in ["/snapshot/door", "/cameras/door", "/watch/door", "/upload/door"] {
                _ = try client.request("GET", target)
                _ = try client.request("OPTIONS", target)
            }
            #expect(try client.request("HEAD", "/upload/door").status == 405)
            let viewer = try relay.view("/stream/door")
            #expect(try client.request("GET", "/cameras").json()["cameras"] == .array([]))
            viewer.client.close()
        }
    }

    @Test func `every viewer's stream of a numbered camera is that of the name's place`() throws {
        try withRelay { relay in
            let client = try relay.connect()
            for (name, jpeg) in [("b", JPEGSamples.grey), ("a", JPEGSamples.colour), ("c", JPEGSamples.progressive)] {
                try client.publish(jpeg, to: name)
            }
            #expect(try relay.view("/?action=stream_0").part().jpeg == JPEGSamples.colour)
            #expect(try relay.view("/?action=stream_2").part().jpeg == JPEGSamples.progressive)
            #expect(try relay.view("/?action=stream&camera=b").part().jpeg == JPEGSamples.grey)
            #expect(try client.request("GET", "/?action=stream_3").reason == "unknown-camera")
        }
    }
}
