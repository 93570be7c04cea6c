// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import TestSupport
import Testing
import WireFormat

@testable import EvRelay

/// Several publishers of one camera.
@Suite struct TakeoverTests {
    private static func named(_ id: String) -> [String] { ["X-Publisher-ID: \(id)"] }
    private static let takeovers = "evrelay_camera_takeovers_total{camera=\"door\"}"

    /// Returns the head of an upload that announces a body, none of which is sent.
    private static func head(_ id: String, type: String = "image/jpeg") -> String {
        RequestText.head(
            "POST", "/upload/door",
            ["Content-Type: \(type)", "Content-Length: 1000000", "Expect: 100-continue"] + named(id))
    }

    @Test func `a newcomer replaces the publisher, which is told so and changes nothing any more`() throws {
        let frames = FrameSeries(byteCount: 10_000)
        try withRelay { relay in
            let viewer = try relay.view("/stream/door")
            let (old, new) = (try relay.connect(), try relay.connect())
            #expect(try old.upload(frames(1), to: "door", Self.named("the-old-one")).status == 200)
            #expect(try frames.number(of: viewer.part().jpeg) == 1)
            #expect(try relay.metrics()[Self.takeovers] == 0)
            #expect(try new.upload(frames(2), to: "door", Self.named("the-new-one")).status == 200)
            let answer = try old.upload(frames(3), to: "door", Self.named("the-old-one"))
            #expect(answer.status == 409)
            #expect(answer.reason == "camera-taken-over")
            #expect(answer.field("retry-after") == nil)
            #expect(try new.upload(frames(4), to: "door", Self.named("the-new-one")).status == 200)
            #expect(try frames.number(of: viewer.part().jpeg) == 2)
            #expect(try frames.number(of: viewer.part().jpeg) == 4)
            try relay.wait(for: Self.takeovers, 1)
            try relay.wait(for: "evrelay_upload_refusals_total{reason=\"camera-taken-over\"}", 1)
            #expect(relay.log.has("camera taken over", "camera.id=door", "publisher.peer=127.0.0.1:"))
            #expect(!relay.log.all.contains { $0.contains("the-old-one") || $0.contains("the-new-one") })
        }
    }

    @Test func `where newcomers are refused they are told when to come back`() throws {
        try withRelay({ $0.takeover = .refuse }) { relay in
            let first = try relay.connect()
            #expect(try first.upload(JPEGSamples.grey, to: "door", Self.named("first-one")).status == 200)
            let answer = try relay.connect().upload(JPEGSamples.colour, to: "door", Self.named("second-one"))
            #expect(answer.status == 409)
            #expect(answer.reason == "camera-taken")
            let seconds = try #require(answer.field("retry-after").flatMap { Int($0) })
            #expect((1...3).contains(seconds))
            #expect(try relay.request("GET", "/snapshot/door").body == JPEGSamples.grey)
            #expect(try first.upload(JPEGSamples.colour, to: "door", Self.named("first-one")).status == 200)
            #expect(try relay.metrics()[Self.takeovers] == 0)
            // Another camera is not affected.
            #expect(try relay.connect().upload(JPEGSamples.grey, to: "shed", Self.named("second-one")).status == 200)
        }
    }

    @Test func `a camera that is stale is anybody's`() throws {
        try withRelay({
            $0.takeover = .refuse
            $0.ages.stale = .milliseconds(100)
        }) { relay in
            #expect(try relay.upload(JPEGSamples.grey, to: "door", "X-Publisher-ID: first-one").status == 200)
            try eventually("the second one gets the camera") {
                try relay.upload(JPEGSamples.colour, to: "door", "X-Publisher-ID: second-one").status == 200
            }
            #expect(try relay.metrics()[Self.takeovers] == 0)
        }
    }

    @Test func `programs and addresses tell publishers apart that give themselves no name`() throws {
        var trusted = TrustedProxies()
        try trusted.insert(parsing: "127.0.0.1")
        try withRelay({
            $0.takeover = .refuse
            $0.isPublishingOpen = true
            $0.trustedProxies = trusted
        }) { relay in
            func upload(_ fields: String...) throws -> TestResponse {
                try relay.connect().upload(JPEGSamples.grey, to: "door", fields)
            }
            let (program, address) = ("User-Agent: one/1", "X-Forwarded-For: 192.0.2.1")
            #expect(try upload(program, address).status == 200)
            // It is the same publisher on another connection.
            #expect(try upload(program, address).status == 200)
            for other in try [
                upload("User-Agent: two/1", address), upload(program, "X-Forwarded-For: 192.0.2.2"), upload(program),
                upload(address), upload(program, address, "X-Publisher-ID: first-one"),
            ] {
                #expect(other.reason == "camera-taken")
            }
        }
    }

    @Test func `two keys are two publishers, and neither is logged`() throws {
        let other = "other-key-0123456789ab"
        try AccessFixture().run(
            keys: AccessFixture.lines + ["\(other) publish *"], flags: ["takeover": ["refuse"]]
        ) { relay in
            let bearer = AccessFixture.bearer(AccessFixture.publishKey)
            #expect(try relay.upload(JPEGSamples.grey, to: "door", bearer).status == 200)
            let answer = try relay.upload(JPEGSamples.grey, to: "door", AccessFixture.bearer(other))
            #expect(answer.reason == "camera-taken")
            // The same key is the same publisher in whichever way it is sent.
            let basic = AccessFixture.basic(AccessFixture.publishKey)
            #expect(try relay.upload(JPEGSamples.colour, to: "door", basic).status == 200)
            AccessFixture.expectNoSecrets(relay, other)
        }
    }

    @Test func `a name that is none is refused`() throws {
        try withRelay { relay in
            let answer = try relay.upload(JPEGSamples.grey, to: "door", "X-Publisher-ID: secret!")
            #expect(answer.status == 400)
            #expect(answer.reason == "bad-publisher-id")
            #expect(!answer.text.contains("secret!"))
            #expect(try relay.request("GET", "/snapshot/door").status == 404)
        }
    }

    @Test(arguments: ["image/jpeg", "multipart/x-mixed-replace; boundary=x"])
    func `what is refused anyway is refused before its body is sent`(_ type: String) throws {
        try withRelay({ $0.takeover = .refuse }) { relay in
            #expect(try relay.upload(JPEGSamples.grey, to: "door", "X-Publisher-ID: first-one").status == 200)
            let client = try relay.connect()
            try client.send(Self.head("second-one", type: type))
            // Neither 100 nor a wait for the body.
            #expect(try client.readResponse(to: "POST").reason == "camera-taken")
            #expect(try client.readToEnd() == [])
        }
    }

    @Test func `it is decided again when the frame is whole`() throws {
        try withRelay { relay in
            let slow = try relay.connect()
            let request = RequestText.upload(JPEGSamples.colour, to: "door", Self.named("slow-one"))
            #expect(try slow.upload(JPEGSamples.grey, to: "door", Self.named("slow-one")).status == 200)
            try slow.send(Array(request.dropLast(10)))
            try eventually("its second frame is under way") { relay.connections.openConnections == 1 }
            try relay.wait(for: "evrelay_connections{state=\"upload\"}", 1)
            #expect(try relay.upload(JPEGSamples.progressive, to: "door", "X-Publisher-ID: fast-one").status == 200)
            try slow.send(Array(request.suffix(10)))
            #expect(try slow.readResponse(to: "POST").reason == "camera-taken-over")
            #expect(try relay.request("GET", "/snapshot/door").body == JPEGSamples.progressive)
            // The whole body was read, so the connection stays open.
            #expect(try slow.request("GET", "/healthz").status == 200)
        }
    }

    @Test func `a frame that is none takes nothing over`() throws {
        try withRelay { relay in
            let first = try relay.connect()
            #expect(try first.upload(JPEGSamples.grey, to: "door", Self.named("first-one")).status == 200)
            #expect(try relay.upload([1, 2, 3], to: "door", "X-Publisher-ID: second-one").status == 422)
            #expect(try first.upload(JPEGSamples.grey, to: "door", Self.named("first-one")).status == 200)
        }
    }

    @Test func `a stream that was replaced ends with its next frame, and its source stays out`() throws {
        let upload = StreamingUpload(framing: .chunked)
        try withRelay { relay in
            let old = try relay.connect()
            try old.send(upload.head(to: "door") + upload.part(JPEGSamples.grey))
            try eventually("its frame is there") { try relay.request("GET", "/snapshot/door").status == 200 }
            #expect(try relay.upload(JPEGSamples.colour, to: "door", "X-Publisher-ID: the-new-one").status == 200)
            try old.send(upload.part(JPEGSamples.progressive))
            #expect(try old.readResponse(to: "POST").reason == "camera-taken-over")
            let again = try relay.connect()
            try again.send(upload.head(to: "door"))
            #expect(try again.readResponse(to: "POST").reason == "camera-taken-over")
            #expect(try relay.request("GET", "/snapshot/door").body == JPEGSamples.colour)
            #expect(relay.log.has("streaming upload ended", "camera.id=door", "reason=camera-taken-over"))
        }
    }

    @Test(arguments: [true, false]) func `a stream that ends leaves the camera to anybody`(_ isProper: Bool) throws {
        let upload = StreamingUpload(framing: .chunked)
        try withRelay({ $0.takeover = .refuse }) { relay in
            let stream = try relay.connect()
            try stream.send(upload.head(to: "door") + upload.part(JPEGSamples.grey))
            try eventually("its frame is there") { try relay.request("GET", "/snapshot/door").status == 200 }
            #expect(try relay.upload(JPEGSamples.colour, to: "door").reason == "camera-taken")
            if isProper {
                try stream.send(upload.end())
                #expect(try stream.readResponse(to: "POST").status == 200)
                #expect(try relay.upload(JPEGSamples.colour, to: "door").status == 200)
            } else {
                try stream.reset()
                try relay.wait(for: "evrelay_connections{state=\"upload\"}", 0)
                #expect(try relay.upload(JPEGSamples.colour, to: "door").status == 200)
            }
        }
    }
}
