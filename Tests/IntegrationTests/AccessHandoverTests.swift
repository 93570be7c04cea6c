// SPDX-License-Identifier: MIT
import LibEvent
import System
import TestSupport
import Testing
import WireFormat

@testable import EvRelay

/// Viewers of the previous process do not outlast the right by which they view.
@Suite struct AccessHandoverTests {
    private typealias Keys = AccessFixture

    private static func digest(_ text: String) throws -> CredentialDigest { try #require(CredentialDigest(of: text)) }

    private static func token(for duration: Duration, secret: String = Keys.secretText) throws -> Grant.Basis {
        .token(
            try digest("token"), secret: try TokenSecret(Array(secret.utf8), path: "secret").fingerprint,
            expiresMicroseconds: SystemClock.nowMicroseconds() + duration.wholeNanoseconds / 1_000)
    }

    /// Runs a private relay with keys that restores one viewer.
    private static func withRestored(
        _ basis: Grant.Basis, unseen: Grant.Basis? = nil, lines: [String] = Keys.lines,
        _ test: (RunningRelay, TestClient) throws -> Void
    ) throws {
        let keys = TemporaryFile()
        let secret = TemporaryFile()
        try keys.write(lines.joined(separator: "\n"))
        try secret.write(Keys.secretText)
        defer {
            keys.remove()
            secret.remove()
        }
        let viewer = try RestoredViewerTests.makeViewer()
        var state = SavedState()
        state.viewers = [
            try RestoredViewerTests.saved(
                viewer.socket, lastSequence: nil, pendingBytes: Array("rest".utf8), basis: basis, unseen: unseen)
        ]
        try withRelay(
            surroundings: try RestoredViewerTests.surroundings([viewer.socket], state.bytes()),
            {
                $0.access.keysPath = keys.path
                $0.access.tokenSecretPath = secret.path
                $0.access.tokenLeeway = .zero
                $0.access.isPrivate = true
            }
        ) { relay in try test(relay, viewer.client) }
    }

    private static let closing = StreamForm(boundary: .frame, advanceHeaders: false, isChunked: true).closing

    @Test func `a key that still holds goes on`() throws {
        try Self.withRestored(.key(try Self.digest(Keys.viewKey))) { relay, client in
            #expect(try client.read(4) == Array("rest".utf8))
            #expect(try relay.upload(JPEGSamples.grey, to: nil, Keys.bearer(Keys.publishKey)).status == 200)
            _ = try client.read(upTo: JPEGSamples.grey)
            #expect(relay.viewers.taken == 1)
            client.close()
        }
    }

    @Test(arguments: [Keys.viewKey, Keys.wrongKey])
    func `a key that was not needed before decides when the next process is private`(key: String) throws {
        try Self.withRestored(.open(toThisMachine: false), unseen: .key(try Self.digest(key))) { relay, client in
            #expect(try client.read(4) == Array("rest".utf8))
            if key == Keys.wrongKey {
                #expect(try client.readToEnd() == Self.closing)
            } else {
                #expect(try relay.upload(JPEGSamples.grey, to: nil, Keys.bearer(Keys.publishKey)).status == 200)
                _ = try client.read(upTo: JPEGSamples.grey)
                #expect(relay.viewers.taken == 1)
                client.close()
            }
        }
    }

    @Test func `a link that still holds goes on until it ends`() throws {
        try Self.withRestored(try Self.token(for: .seconds(1))) { relay, client in
            let start = SystemClock.monotonic()
            #expect(try client.readToEnd() == Array("rest".utf8) + Self.closing)
            #expect(SystemClock.monotonic() - start > .milliseconds(300))
            try eventually("its end is told") { relay.log.has("viewer left", "reason=access-ended") }
        }
    }

    @Test(arguments: ["nothing", "another key", "a key without the right", "an old link", "another secret"])
    func `what no longer holds ends behind the part under way`(_ what: String) throws {
        let basis: Grant.Basis =
            switch what {
            case "another key": .key(try Self.digest("no-longer-there-0123"))
            case "a key without the right": .key(try Self.digest(Keys.publishKey))
            case "an old link": try Self.token(for: .seconds(-1))
            case "another secret": try Self.token(for: .seconds(60), secret: String(repeating: "s", count: 32))
            default: .open(toThisMachine: true)
            }
        try Self.withRestored(basis) { (relay, client) throws in
            #expect(try client.readToEnd() == Array("rest".utf8) + Self.closing)
            #expect(relay.viewers.taken == 0)
        }
    }

    @Test func `what one process leaves holds no key and no link`() throws {
        let viewer = try RestoredViewerTests.makeViewer()
        var state = SavedState()
        let token = try Keys.token([.view])
        let secret = try TokenSecret(Array(Keys.secretText.utf8), path: "secret")
        state.viewers = [
            try RestoredViewerTests.saved(viewer.socket, basis: .key(try Self.digest(Keys.viewKey))),
            try RestoredViewerTests.saved(
                viewer.socket,
                basis: .token(try Self.digest(token), secret: secret.fingerprint, expiresMicroseconds: 1)),
        ]
        let text = String(decoding: state.bytes(), as: UTF8.self)
        for secret in [Keys.viewKey, token, Keys.secretText] { #expect(!text.contains(secret)) }
        viewer.socket.close()
    }
}
