// SPDX-License-Identifier: MIT
import LibEvent
import WireFormat

/// Who may publish.
struct AccessPolicy: Sendable {
    private let isPublishingOpen: Bool

    init(_ configuration: Configuration) {
        isPublishingOpen = configuration.isPublishingOpen
    }

    /// Nil if the sender of `head` may publish.
    ///
    /// A request that a proxy on this machine hands on comes from a local address; the fields a proxy adds give it away.
    func refusalToPublish(_ head: RequestHead, peer: PeerAddress, origin: CrossOrigin) -> ErrorAnswer? {
        if case .foreign(let origin) = origin {
            return ErrorAnswer(
                403, "origin-not-allowed",
                "Pages of \(origin.prefix(100)) may not upload; --allow-origin adds an origin.")
        }
        if isPublishingOpen { return nil }
        if peer.isLocal && !head.has("forwarded") && !head.has("x-forwarded-for") { return nil }
        return ErrorAnswer(
            403, "publishing-not-allowed",
            "Publishing is allowed from the server's own machine only; --open-publishing opens it to everybody.")
    }
}
