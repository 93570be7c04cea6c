// SPDX-License-Identifier: MIT
import Cameras
import TestSupport
import WireFormat

@testable import EvRelay
@testable import LibEvent

/// Keys, secrets and peers for tests of access.
enum AccessFixture {
    static let secretText = "0123456789abcdef0123456789abcdef"
    static let publishKey = "publish-key-0123456789"
    static let viewKey = "view-key-0123456789abc"
    static let observeKey = "observe-key-0123456789"

    static let local = PeerAddress(
        text: "127.0.0.1:5000", host: "127.0.0.1", key: .init(high: 0, low: 1), isLocal: true)
    static let foreign = PeerAddress(
        text: "192.0.2.7:5000", host: "192.0.2.7", key: .init(high: 0, low: 2), isLocal: false)

    static func secret(_ text: String = secretText) throws -> TokenSecret {
        try TokenSecret(Array(text.utf8), path: "secret")
    }

    static func keys(_ lines: String...) throws -> KeyRing {
        KeyRing(try KeyFile.parse(Array(lines.joined(separator: "\n").utf8), path: "keys", maxKeys: 100))
    }

    static func camera(_ name: String) throws -> CameraID {
        guard let camera = CameraID(name) else { throw WaitError("a camera's name, not \(name)") }
        return camera
    }

    /// Returns the access control of a configuration that `change` adapts, with these keys and optionally a secret.
    static func control(
        keys lines: [String] = [], secret: TokenSecret? = nil, hostNames: [String] = [],
        _ change: (inout Configuration) -> Void = { _ in }
    ) throws -> AccessControl {
        var configuration = Configuration()
        change(&configuration)
        let entries = try KeyFile.parse(Array(lines.joined(separator: "\n").utf8), path: "keys", maxKeys: 100)
        return AccessControl(configuration, keys: KeyRing(entries), secret: secret, hostNames: hostNames)
    }
}
