// SPDX-License-Identifier: MIT
import LibEvent
import System
import TestSupport
import Testing
import WireFormat

@testable import EvRelay

@Suite(.overEachTransport) struct SnapshotTests {
    @Test(arguments: [
        ("/snapshot", nil), ("/snapshot.jpg", nil), ("/snapshot/door", "door"), ("/snapshot/door.jpg", "door"),
        ("/?action=snapshot", nil), ("/?action=snapshot&camera=door", "door"), ("/?action=snapshot_0", nil),
        ("/?action=snapshot_1", "door"), ("/snapshot/a%2Eb", "a.b"),
    ])
    func `every address gives the latest frame`(target: String, camera: String?) throws {
        try withRelay { relay in
            let client = try relay.connect()
            try client.publish(JPEGSamples.colour)
            try client.publish(JPEGSamples.progressive, to: "zoo")
            if let camera { try client.publish(JPEGSamples.grey, to: camera) }
            let answer = try client.request("GET", target)
            #expect(answer.status == 200)
            #expect(answer.body == (camera == nil ? JPEGSamples.colour : JPEGSamples.grey))
        }
    }

    @Test func `the head says which frame it is`() throws {
        try withRelay { relay in
            let client = try relay.connect()
            let before = SystemClock.nowMicroseconds()
            let sequence = try client.publish(JPEGSamples.colour)
            let answer = try client.request("GET", "/snapshot")
            #expect(answer.field("content-type") == "image/jpeg")
            #expect(answer.field("content-length") == "\(JPEGSamples.colour.count)")
            #expect(answer.field("etag") == "\"\(sequence)\"")
            #expect(answer.field("x-frame-sequence") == "\(sequence)")
            #expect(answer.field("cache-control") == "no-cache")
            let time = try #require(answer.field("x-timestamp")).split(separator: ".")
            #expect(time.count == 2 && time[1].count == 6)
            let micros = try #require(Int64(time[0])) * 1_000_000 + #require(Int64(time[1]))
            #expect((before...SystemClock.nowMicroseconds()).contains(micros))
            #expect(answer.field("last-modified")?.hasSuffix(" GMT") == true)

            let head = try client.request("HEAD", "/snapshot")
            #expect(head.status == 200)
            for name in ["content-type", "content-length", "etag", "last-modified", "x-timestamp", "x-frame-sequence"] {
                #expect(head.field(name) == answer.field(name), "\(name)")
            }
        }
    }

    @Test func `a client that has the frame is told so`() throws {
        try withRelay { relay in
            let client = try relay.connect()
            let sequence = try client.publish(JPEGSamples.colour)
            let modified = try #require(try client.request("GET", "/snapshot").field("last-modified"))
            let tag = "\"\(sequence)\""
            for condition in [tag, "W/\(tag)", "*", "\"1\", \(tag)", "\"1\",W/\(tag), \"2\""] {
                let answer = try client.request("GET", "/snapshot", ["If-None-Match: \(condition)"])
                #expect(answer.status == 304, "\(condition)")
                #expect(answer.field("etag") == tag)
                #expect(answer.field("content-length") == nil)
            }
            for condition in ["\"1\"", "\"\(sequence - 1)\"", "\(sequence)", "\"\(sequence)0\""] {
                let answer = try client.request("GET", "/snapshot", ["If-None-Match: \(condition)"])
                #expect(answer.status == 200, "\(condition)")
                #expect(answer.body == JPEGSamples.colour)
            }
            func status(_ fields: String...) throws -> Int { try client.request("GET", "/snapshot", fields).status }
            #expect(try status("If-Modified-Since: \(modified)") == 304)
            // A wrong clock tells nothing about the frame that the client has.
            #expect(try status("If-Modified-Since: Fri, 31 Dec 9999 23:59:59 GMT") == 200)
            #expect(try status("If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT") == 200)
            #expect(try status("If-Modified-Since: yesterday") == 200)
            // If there is a tag, it decides.
            #expect(try status("If-Modified-Since: \(modified)", "If-None-Match: \"1\"") == 200)
            #expect(try client.request("HEAD", "/snapshot", ["If-None-Match: \(tag)"]).status == 304)
        }
    }

    /// A client that had the first frame got 304 for the second, until a frame came in a later second.
    @Test func `of two frames in one second a date cannot tell which one a client has`() throws {
        try withRelay { relay in
            let client = try relay.connect()
            var first = "", second = ""
            while first != second || first.isEmpty {
                try client.publish(JPEGSamples.grey)
                first = try #require(try client.request("GET", "/snapshot").field("last-modified"))
                try client.publish(JPEGSamples.colour)
                second = try #require(try client.request("GET", "/snapshot").field("last-modified"))
            }
            let answer = try client.request("GET", "/snapshot", ["If-Modified-Since: \(first)"])
            #expect(answer.status == 200)
            #expect(answer.body == JPEGSamples.colour)
            // A date after that second is after both frames.
            let seconds = try #require(HTTPDate.parse(first))
            try eventually("the second is over") { SystemClock.nowMicroseconds() / 1_000_000 > seconds }
            let later = "If-Modified-Since: \(HTTPDate.format(unixSeconds: seconds + 1))"
            #expect(try client.request("GET", "/snapshot", [later]).status == 304)
        }
    }

    @Test func `a name's ending is an ending where no camera has that very name`() throws {
        try withRelay { relay in
            let client = try relay.connect()
            try client.publish(JPEGSamples.grey, to: "f1")
            for target in [
                "/snapshot/f1.jpg", "/snapshot/f1.jpeg", "/?action=snapshot&camera=f1.jpg", "//snapshot/f1/",
            ] {
                #expect(try client.request("GET", target).body == JPEGSamples.grey, "\(target)")
            }
            #expect(try relay.view("/stream/f1.mjpg").part().jpeg == JPEGSamples.grey)
            // The name that `curl -T f1.jpg …/upload/` gives.
            try client.publish(JPEGSamples.colour, to: "f1.jpg")
            #expect(try client.request("GET", "/snapshot/f1.jpg").body == JPEGSamples.colour)
            #expect(try client.request("GET", "/snapshot/f1.jpeg").body == JPEGSamples.grey)
            try client.publish(JPEGSamples.progressive, to: "f1.mjpg")
            #expect(try relay.view("/stream/f1.mjpg").part().jpeg == JPEGSamples.progressive)
            #expect(try relay.view("/stream/f1.mjpeg").part().jpeg == JPEGSamples.grey)
        }
    }

    @Test func `max_age refuses a frame that is older`() throws {
        try withRelay { relay in
            let client = try relay.connect()
            try client.publish(JPEGSamples.grey)
            #expect(try client.request("GET", "/snapshot?max_age=60000").status == 200)
            try eventually("the frame is 20 ms old") {
                try client.request("GET", "/cameras/default").json()["age_ms"]?.int ?? 0 > 20
            }
            let answer = try client.request("GET", "/snapshot?max_age=20")
            #expect(answer.status == 503)
            #expect(answer.reason == "frame-too-old")
            #expect(answer.field("retry-after") == "5")
        }
    }

    @Test(arguments: [
        ("/snapshot", 404, "unknown-camera"), ("/snapshot/door", 404, "unknown-camera"),
        ("/snapshot/door?after=1", 404, "unknown-camera"), ("/?action=snapshot_0", 404, "unknown-camera"),
        ("/?action=snapshot_-1", 404, "not-found"), ("/?action=snapshot_x", 404, "not-found"),
        ("/?action=command", 404, "not-found"), ("/snapshot/.door", 400, "bad-camera-name"),
        ("/snapshot/a%20b", 400, "bad-camera-name"), ("/snapshot/a/b", 404, "not-found"),
        ("/snapshot/.jpg", 400, "bad-camera-name"), ("/snapshot?after=x", 400, "bad-parameter"),
        ("/snapshot?after=-1", 400, "bad-parameter"), ("/snapshot?after=9223372036854775808", 400, "bad-parameter"),
        ("/snapshot?max_age=0", 400, "bad-parameter"), ("/snapshot?max_age=86400001", 400, "bad-parameter"),
    ])
    func `what is not there is refused`(target: String, status: Int, reason: String) throws {
        try withRelay { relay in
            let answer = try relay.request("GET", target)
            #expect(answer.status == status)
            #expect(answer.reason == reason)
        }
    }
}
