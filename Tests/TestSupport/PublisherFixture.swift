// SPDX-License-Identifier: MIT
public import Cameras

/// Returns a publisher that names itself.
public func publisher(_ id: String = "the-only-one", stream: UInt64? = nil) throws -> PublisherIdentity {
    try required(PublisherIdentity(id: id, stream: stream))
}

/// The rules of the default configuration.
public let defaultRules = PublisherLease.Rules(liveFor: .seconds(3), takeover: .replace)

/// The default rules, except that the first publisher keeps its camera.
public let refusingRules = PublisherLease.Rules(liveFor: .seconds(3), takeover: .refuse)
