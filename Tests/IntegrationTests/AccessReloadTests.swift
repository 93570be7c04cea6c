// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import TestSupport
import Testing
import WireFormat

@testable import EvRelay

/// A reload that set `--private`, or that added the first key, ended requests that had begun with a right key: the key
/// had not been checked, since it was not needed then.
@Suite struct AccessReloadTests {
    private typealias Keys = AccessFixture

    private let settings = TemporaryFile()
    private let keys = TemporaryFile()
    private let secret = TemporaryFile()

    /// Runs a relay with these settings, and with files of keys and of the secret.
    private func run(
        threads: Int = 1, keys lines: [String] = Keys.lines, maxFailures: Int = 10, _ start: String...,
        test: (RunningRelay) throws -> Void
    ) throws {
        try keys.write(lines.joined(separator: "\n") + "\n")
        try secret.write(Keys.secretText + "\n")
        try settings.write(start.joined(separator: "\n") + "\n")
        defer { for file in [keys, secret, settings] { file.remove() } }
        let typed = [
            "listen": ["127.0.0.1:0"], "drain-timeout": ["200ms"], "keys": [keys.path], "token-secret": [secret.path],
            "token-leeway": ["0s"], "max-key-failures": ["\(maxFailures)"],
        ]
        let loader = ConfigurationLoader(
            typed: typed, typedPath: settings.path, environment: [:], cores: threads,
            completing: SelfSigned.complete)
        try RunningRelay(try loader.load(), Surroundings(loader: loader)).whileRunning(test)
    }

    private func reload(_ relay: RunningRelay, _ lines: String...) throws {
        let before = relay.log.count("reloaded")
        try settings.write(lines.joined(separator: "\n") + "\n")
        relay.reload()
        try eventually("the reload in \(relay.log.all)") { relay.log.count("reloaded") == before + 1 }
    }

    private static func expectEnd(_ viewer: StreamReader) throws {
        // A stream that goes on repeats its latest frame, without end.
        for _ in 0..<20 where try viewer.nextPart() == nil { return #expect(viewer.isClosed) }
        throw WaitError("the stream has ended")
    }

    @Test(arguments: [1, 4]) func `viewers with a right credential stay when the relay becomes private`(threads: Int)
        throws
    {
        try run(threads: threads, "EVRELAY_PRIVATE=off") { (relay) throws in
            #expect(try relay.upload(JPEGSamples.grey, to: "door", Keys.bearer(Keys.publishKey)).status == 200)
            let staying = [
                try relay.view("/stream/door", Keys.bearer(Keys.viewKey)),
                try relay.view("/stream/door?key=\(Keys.doorKey)"),
                try relay.view("/stream/door?key=\(Keys.token([.view]))"),
            ]
            let leaving = [
                try relay.view("/stream/door"), try relay.view("/stream/door", Keys.bearer(Keys.wrongKey)),
                try relay.view("/stream/door", Keys.bearer(Keys.observeKey)),
                try relay.view("/stream/door?key=\(Keys.token([.view], "garden"))"),
                try relay.view("/stream/door?key=\(Keys.token([.view], secret: String(repeating: "s", count: 32)))"),
            ]
            for viewer in staying + leaving { _ = try viewer.part() }
            try reload(relay, "EVRELAY_PRIVATE=on")
            for viewer in leaving { try Self.expectEnd(viewer) }
            try eventually("the others have stayed") { relay.viewers.taken == 3 }
            #expect(try relay.upload(JPEGSamples.grey, to: "door", Keys.bearer(Keys.publishKey)).status == 200)
            for viewer in staying { #expect(try viewer.part().jpeg == JPEGSamples.grey) }
            // A further reload removes a key that a viewer now depends on.
            try keys.write("\(Keys.publishKey) publish *\n\(Keys.viewKey) view *\n")
            try reload(relay, "EVRELAY_PRIVATE=on")
            try Self.expectEnd(staying[1])
            for viewer in [staying[0], staying[2]] { viewer.client.close() }
            Keys.expectNoSecrets(relay)
        }
    }

    @Test func `a link that was not needed ends what lives by it since it is`() throws {
        try run("EVRELAY_PRIVATE=off") { (relay) throws in
            #expect(try relay.upload(JPEGSamples.grey, to: "door", Keys.bearer(Keys.publishKey)).status == 200)
            let viewer = try relay.view("/stream/door?key=\(Keys.token([.view], for: .milliseconds(2_999)))")
            _ = try viewer.part()
            try reload(relay, "EVRELAY_PRIVATE=on")
            #expect(relay.viewers.taken == 1)
            try Self.expectEnd(viewer)
            #expect(relay.log.has("viewer left", "reason=access-ended"))
        }
    }

    @Test func `an upload and a wait with a right key go on when the first key is added`() throws {
        try run(keys: [], "EVRELAY_PRIVATE=off") { (relay) throws in
            let type = "Content-Type: multipart/x-mixed-replace; boundary=ffmpeg"
            let upload = StreamingUpload(framing: .chunked, type: "multipart/x-mixed-replace; boundary=ffmpeg")
            func begin(_ camera: String, _ fields: String...) throws -> TestClient {
                let client = try relay.connect()
                try client.send(
                    RequestText.head("POST", "/upload/\(camera)", [type, "Transfer-Encoding: chunked"] + fields))
                try client.send(upload.part(JPEGSamples.grey))
                try eventually("the frame is there") {
                    try relay.request("GET", "/snapshot/\(camera)", Keys.bearer(Keys.viewKey)).status == 200
                }
                return client
            }
            let staying = try begin("door", Keys.bearer(Keys.doorKey))
            let leaving = try begin("garden", Keys.bearer(Keys.doorKey))
            let nobody = try begin("yard")
            let sequence = try #require(try relay.request("GET", "/snapshot/door").field("x-frame-sequence"))
            let wait = try relay.connect()
            try wait.send(
                RequestText.head("GET", "/snapshot/door?after=\(sequence)", [Keys.bearer(Keys.viewKey)]))
            // A frame of which only the head has arrived.
            let frame = try relay.connect()
            try frame.send(
                RequestText.head(
                    "POST", "/upload/shed",
                    ["Content-Type: image/jpeg", "Content-Length: 5000", Keys.bearer(Keys.publishKey)]))
            try keys.write(Keys.lines.joined(separator: "\n") + "\n")
            try reload(relay, "EVRELAY_PRIVATE=on")
            #expect(try leaving.readResponse(to: "POST").reason == "right-missing")
            #expect(try nobody.readResponse(to: "POST").reason == "key-required")
            try frame.send(Array(JPEGSamples.frame(byteCount: 5_000)))
            #expect(try frame.readResponse().status == 200)
            try staying.send(upload.part(JPEGSamples.colour))
            #expect(try wait.readResponse().body == JPEGSamples.colour)
            staying.close()
            Keys.expectNoSecrets(relay)
        }
    }

    @Test func `a wrong key costs nothing until it is needed, and then counts`() throws {
        try run(maxFailures: 2, "EVRELAY_PRIVATE=off") { (relay) throws in
            #expect(try relay.upload(JPEGSamples.grey, to: "door", Keys.bearer(Keys.publishKey)).status == 200)
            // More wrong guesses than are allowed, and a right one among them.
            var guesses = (0..<6).map { "wrong-key-\($0)-0123456789" }
            guesses.append(Keys.viewKey)
            let viewers = try guesses.map { try relay.view("/stream/door", Keys.bearer($0)) }
            for viewer in viewers { _ = try viewer.part() }
            #expect(try relay.request("GET", "/doctor/info", Keys.bearer(Keys.publishKey)).status == 200)
            try reload(relay, "EVRELAY_PRIVATE=on")
            for viewer in viewers { try Self.expectEnd(viewer) }
            #expect(
                try relay.request("GET", "/snapshot/door", Keys.bearer(Keys.wrongKey)).reason == "too-many-wrong-keys")
        }
    }
}
