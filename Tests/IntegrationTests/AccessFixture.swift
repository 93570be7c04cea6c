// SPDX-License-Identifier: MIT
import Crypto
import LibEvent
import System
import TestSupport
import Testing

@testable import EvRelay

/// A relay with keys and a secret in files, as an administrator sets it up.
struct AccessFixture {
    static let secretText = "0123456789abcdef0123456789abcdef"
    static let publishKey = "publish-key-0123456789"
    static let viewKey = "view-key-0123456789abc"
    static let observeKey = "observe-key-0123456789"
    static let doorKey = "door-key-0123456789abc"
    static let lines = [
        "\(publishKey) publish * everything", "\(viewKey) view *", "\(observeKey) observe door,shop-*",
        "\(doorKey) publish,view,observe door",
    ]
    static let wrongKey = "wrong-key-0123456789ab"

    let keys = TemporaryFile()
    let secret = TemporaryFile()

    func write(keys lines: [String]) throws { try keys.write(lines.joined(separator: "\n") + "\n") }

    func write(secret text: String) throws { try secret.write(text + "\n") }

    /// Runs a relay with these keys, the secret, and further flags.
    func run(
        threads: Int = 1, keys lines: [String] = lines, flags: [String: [String]] = [:],
        _ test: (RunningRelay) throws -> Void
    ) throws {
        try write(keys: lines)
        try write(secret: Self.secretText)
        defer {
            keys.remove()
            secret.remove()
        }
        var typed = [
            "listen": ["127.0.0.1:0"], "drain-timeout": ["200ms"], "keys": [keys.path], "token-secret": [secret.path],
            "token-leeway": ["0s"],
        ]
        typed.merge(flags) { $1 }
        let loader = ConfigurationLoader(
            typed: typed, typedPath: nil, environment: [:], cores: threads, completing: SelfSigned.complete)
        try RunningRelay(try loader.load(), Surroundings(loader: loader)).whileRunning(test)
    }

    /// Returns the token of a link.
    static func token(
        _ rights: Set<Right>, _ cameras: String = "*", for duration: Duration = .seconds(600),
        secret: String = secretText
    ) throws -> String {
        let now = SystemClock.nowMicroseconds()
        return try TokenSecret(Array(secret.utf8), path: "secret").sign(
            TokenClaims(
                rights: rights, cameras: try CameraPattern.list(parsing: cameras),
                expiresMicroseconds: now + duration.wholeNanoseconds / 1_000))
    }

    static func bearer(_ key: String) -> String { "Authorization: Bearer \(key)" }

    static func basic(_ key: String, user: String = "") -> String {
        "Authorization: Basic \(Digest.base64(Array("\(user):\(key)".utf8)))"
    }

    /// Expects that no line of the log contains any of these.
    static func expectNoSecrets(
        _ relay: RunningRelay, _ more: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for secret in [secretText, publishKey, viewKey, observeKey, doorKey, wrongKey] + more {
            #expect(!relay.log.all.contains { $0.contains(secret) }, sourceLocation: sourceLocation)
        }
    }
}
