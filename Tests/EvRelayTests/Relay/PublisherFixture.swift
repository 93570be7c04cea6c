// SPDX-License-Identifier: MIT
import LibEvent

@testable import EvRelay

/// Returns a publisher that names itself.
func publisher(_ id: String = "the-only-one", stream: UInt64? = nil) throws -> PublisherIdentity {
    try PublisherIdentity(
        head("POST /upload HTTP/1.1", "Host: x", "X-Publisher-ID: \(id)"), client: .unixSocket, credentialDigest: nil,
        stream: stream)
}

/// The rules of the default configuration.
let defaultRules = PublisherLease.Rules(liveFor: .seconds(3), takeover: .replace)

/// The default rules, except that the first publisher keeps its camera.
let refusingRules = PublisherLease.Rules(liveFor: .seconds(3), takeover: .refuse)
