// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import System
import TestSupport
import Testing
import WireFormat

@testable import EvRelay

/// Lasting requests end with the right that they depend on.
@Suite struct AccessEndTests {
    private let fixture = AccessFixture()
    private typealias Keys = AccessFixture

    private static let `private` = ["private": ["on"]]

    /// Reads to the stream's end, which must be a regular one.
    private static func expectEnd(_ viewer: StreamReader) throws {
        while try viewer.nextPart() != nil {}
        #expect(viewer.isClosed)
    }

    /// Returns a streaming upload of which one frame was accepted.
    private static func beginUpload(_ relay: RunningRelay, _ camera: String, _ key: String) throws -> TestClient {
        let client = try relay.connect()
        let upload = StreamingUpload(framing: .chunked, type: "multipart/x-mixed-replace; boundary=ffmpeg")
        try client.send(
            RequestText.head(
                "POST", "/upload/\(camera)",
                [
                    "Content-Type: multipart/x-mixed-replace; boundary=ffmpeg", "Transfer-Encoding: chunked",
                    Keys.bearer(key),
                ]))
        try client.send(upload.part(JPEGSamples.grey))
        try eventually("the frame is there") {
            try relay.request("GET", "/snapshot/\(camera)", Keys.bearer(Keys.viewKey)).status == 200
        }
        return client
    }

    @Test(arguments: [1, 4]) func `a stream ends with its link, and another one's goes on`(threads: Int) throws {
        try fixture.run(threads: threads, flags: Self.private) { (relay) throws in
            #expect(try relay.upload(JPEGSamples.grey, to: "door", Keys.bearer(Keys.publishKey)).status == 200)
            let start = SystemClock.monotonic()
            let short = try relay.view("/stream/door?key=\(Keys.token([.view], for: .milliseconds(2_000)))")
            let long = try relay.view("/stream/door", Keys.bearer(Keys.token([.view])))
            let key = try relay.view("/stream/door", Keys.bearer(Keys.viewKey))
            #expect(try short.part().jpeg == JPEGSamples.grey)
            try Self.expectEnd(short)
            let lasted = SystemClock.monotonic() - start
            // Times in a token are whole seconds.
            #expect(lasted >= .milliseconds(900) && lasted < .seconds(4), "\(lasted)")
            try eventually("two have stayed") { relay.viewers.taken == 2 }
            #expect(relay.log.has("viewer left", "camera.id=door", "reason=access-ended"))
            let metrics = try relay.request("GET", "/metrics", Keys.bearer(Keys.observeKey)).text
            #expect(metrics.contains("evrelay_viewers_left_total{reason=\"access-ended\"} 1"))
            for viewer in [long, key] {
                #expect(try viewer.part().jpeg == JPEGSamples.grey)
                viewer.client.close()
            }
        }
    }

    @Test func `uploads and waits that live by a link are answered when it ends`() throws {
        try fixture.run(flags: Self.private) { (relay) throws in
            let upload = try Self.beginUpload(relay, "door", Keys.token([.publish], for: .milliseconds(1_999)))
            let frame = try relay.connect()
            let token = try Keys.token([.publish, .view], "door", for: .milliseconds(1_999))
            try frame.send(
                RequestText.head(
                    "POST", "/upload/door", ["Content-Type: image/jpeg", "Content-Length: 5000", Keys.bearer(token)]))
            let sequence = try #require(
                try relay.request("GET", "/snapshot/door", Keys.bearer(Keys.viewKey)).field("x-frame-sequence"))
            let wait = try relay.connect()
            try wait.send(RequestText.head("GET", "/snapshot/door?after=\(sequence)&key=\(token)"))
            for client in [upload, wait] {
                let answer = try client.readResponse()
                #expect(answer.status == 401)
                #expect(answer.reason == "token-expired")
                #expect(answer.field("www-authenticate") != nil)
            }
            // A frame in progress is refused once it is whole.
            try frame.send(Array(JPEGSamples.frame(byteCount: 5_000)))
            #expect(try frame.readResponse().reason == "token-expired")
            #expect(relay.log.has("streaming upload ended", "reason=token-expired", "frames=1"))
            let after = try relay.request("GET", "/snapshot/door", Keys.bearer(Keys.viewKey))
            #expect(after.field("x-frame-sequence") == sequence)
            Keys.expectNoSecrets(relay, token)
        }
    }

    @Test(arguments: [1, 4]) func `a reload takes keys away, at once and from nobody else`(threads: Int) throws {
        try fixture.run(threads: threads, flags: Self.private) { (relay) throws in
            let upload = try Self.beginUpload(relay, "door", Keys.doorKey)
            let gone = try relay.view("/stream/door", Keys.bearer(Keys.doorKey))
            let stays = try relay.view("/stream/door?key=\(Keys.viewKey)")
            let link = try relay.view("/stream/door?key=\(Keys.token([.view]))")
            for viewer in [gone, stays, link] { _ = try viewer.part() }
            try fixture.write(keys: ["\(Keys.publishKey) publish *", "\(Keys.viewKey) view,observe do* still here"])
            relay.reload()
            try Self.expectEnd(gone)
            let answer = try upload.readResponse(to: "POST")
            #expect(answer.status == 401)
            #expect(answer.reason == "key-wrong")
            try eventually("every loop has heard of it") {
                try relay.request("GET", "/snapshot/door", Keys.bearer(Keys.doorKey)).reason == "key-wrong"
            }
            #expect(try relay.upload(JPEGSamples.grey, to: "door", Keys.bearer(Keys.publishKey)).status == 200)
            for viewer in [stays, link] {
                #expect(try viewer.part().jpeg == JPEGSamples.grey)
                viewer.client.close()
            }
            try eventually("the file is told") { relay.log.has("reloaded") }
            #expect(relay.log.has("starting", "keys=4", "links=signed", "publishing=with a key or link"))
            #expect(relay.log.has("access", "keys=2", "viewing=with a key or link"))
            Keys.expectNoSecrets(relay)
        }
    }

    @Test func `a right that is taken from a key ends what lived by it`() throws {
        try fixture.run(flags: Self.private) { (relay) throws in
            let upload = try Self.beginUpload(relay, "door", Keys.doorKey)
            let viewer = try relay.view("/stream/door", Keys.bearer(Keys.doorKey))
            try fixture.write(keys: ["\(Keys.doorKey) view door", "\(Keys.viewKey) view *"])
            relay.reload()
            let answer = try upload.readResponse(to: "POST")
            #expect(answer.status == 403)
            #expect(answer.reason == "right-missing")
            _ = try viewer.part()
            try fixture.write(keys: ["\(Keys.doorKey) view garden", "\(Keys.viewKey) view *"])
            relay.reload()
            try Self.expectEnd(viewer)
        }
    }

    @Test func `another secret revokes every link`() throws {
        try fixture.run(flags: Self.private) { (relay) throws in
            #expect(try relay.upload(JPEGSamples.grey, to: "door", Keys.bearer(Keys.publishKey)).status == 200)
            let token = try Keys.token([.view])
            let viewer = try relay.view("/stream/door?key=\(token)")
            _ = try viewer.part()
            let other = String(repeating: "another!", count: 4)
            try fixture.write(secret: other)
            relay.reload()
            try Self.expectEnd(viewer)
            #expect(try relay.request("GET", "/snapshot/door?key=\(token)").reason == "token-invalid")
            let new = try Keys.token([.view], secret: other)
            #expect(try relay.request("GET", "/snapshot/door?key=\(new)").status == 200)
        }
    }

    @Test func `a file with an error keeps everything`() throws {
        try fixture.run(flags: Self.private) { (relay) throws in
            let upload = try Self.beginUpload(relay, "door", Keys.doorKey)
            let viewer = try relay.view("/stream/door?key=\(Keys.token([.view]))")
            _ = try viewer.part()
            var failures = 0
            func expectFailure(_ reason: String) throws {
                relay.reload()
                failures += 1
                try eventually("failure \(failures) in \(relay.log.all)") {
                    relay.log.count("reload failed") == failures
                }
                #expect(
                    relay.log.all.last { $0.hasPrefix("reload failed") }?.contains(reason) == true, "\(relay.log.all)")
            }
            try fixture.write(keys: ["\(Keys.viewKey) view *", "\(Keys.doorKey) watch door"])
            try expectFailure("line 2: a right is none of")
            try fixture.keys.write("\(Keys.viewKey) view *\n", mode: 0o644)
            try expectFailure("chmod o-rwx \(fixture.keys.path)")
            fixture.keys.remove()
            try expectFailure("No such file")
            try fixture.write(keys: Keys.lines)
            try fixture.write(secret: "too short")
            try expectFailure("the secret has 9 bytes")
            // No client is affected.
            let part = StreamingUpload(framing: .chunked).part(JPEGSamples.grey)
            try upload.send(part)
            #expect(try viewer.part().jpeg == JPEGSamples.grey)
            #expect(try relay.request("GET", "/metrics", Keys.bearer(Keys.doorKey)).status == 200)
            try fixture.write(secret: Keys.secretText)
            relay.reload()
            try eventually("it is right again") { relay.log.has("reloaded") }
            try upload.send(part)
            #expect(try viewer.part().jpeg == JPEGSamples.grey)
            viewer.client.close()
            upload.close()
            Keys.expectNoSecrets(relay)
        }
    }

    @Test func `keys in the very file that was named are read at the start, and wrong ones end it`() throws {
        for (lines, mode, problem) in [
            (["\(Keys.viewKey) view"], 0o600, "line 1: has too few words"), (Keys.lines, 0o604, "chmod o-rwx"),
            ([], 0o600, "nobody could view"),
        ] as [([String], UInt32, String)] {
            try fixture.keys.write(lines.joined(separator: "\n"), mode: mode)
            defer { fixture.keys.remove() }
            var configuration = Configuration()
            configuration.listen = [.internet(.loopback, port: 0)]
            configuration.access.keysPath = fixture.keys.path
            configuration.access.isPrivate = true
            let error = #expect(throws: ServiceError.self) { try RunningRelay(configuration) }
            #expect(error?.exitStatus == 78)
            #expect(error?.message.contains(problem) == true, "\(error?.message ?? "")")
            #expect(error?.message.contains(Keys.viewKey) == false)
            let checked = #expect(throws: ServiceError.self) { try Service.check(configuration, environment: [:]) }
            #expect(checked == error)
        }
    }
}
