// SPDX-License-Identifier: MIT
import LibEvent

@testable import EvRelay

/// A publisher that names itself.
func publisher(_ id: String = "the-only-one", stream: UInt64? = nil) throws -> PublisherIdentity {
    try PublisherIdentity(
        head("POST /upload HTTP/1.1", "Host: x", "X-Publisher-ID: \(id)"), client: .unixSocket, credentialDigest: nil,
        stream: stream)
}

/// What the default configuration says.
let defaultRules = PublisherLease.Rules(liveFor: .seconds(3), takeover: .replace)

/// As the default, but the first publisher keeps its camera.
let refusingRules = PublisherLease.Rules(liveFor: .seconds(3), takeover: .refuse)
