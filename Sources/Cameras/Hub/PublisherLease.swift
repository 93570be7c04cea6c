// SPDX-License-Identifier: MIT
import LibEvent
public import System

/// The publisher that a camera belongs to while it is live, so that the frames of two publishers never alternate.
///
/// A pure value: the caller passes the time and the rules. Its camera's lock guards it.
public struct PublisherLease: Sendable, Equatable {
    /// The rules for all cameras; a reload may change them.
    public struct Rules: Sendable, Equatable {
        /// The time without a frame after which a camera belongs to nobody (`--stale-after`).
        public let liveFor: Duration
        /// The answer to a second publisher (`--takeover`).
        public let takeover: Takeover

        /// Creates the rules.
        public init(liveFor: Duration, takeover: Takeover) {
            self.liveFor = liveFor
            self.takeover = takeover
        }
    }

    /// The decision about a publisher's frame.
    public enum Decision: Sendable, Equatable {
        /// The camera belongs to the publisher.
        case granted(isTakeover: Bool)
        /// The camera belonged to the publisher, and another one has taken it over.
        case takenOver
        /// The camera belongs to another publisher. It is free after so many seconds without a frame, at least 1.
        case taken(retryAfterSeconds: Int)
    }

    private struct Holder: Equatable {
        let publisher: PublisherIdentity
        var lastFrame: Instant
    }

    private struct Superseded: Equatable {
        let publisher: PublisherIdentity
        /// True if the successor has another source. A new stream of the old source is then no newcomer; otherwise two
        /// publishers that connect again and again would take the camera from each other for ever.
        let isWholeSource: Bool

        func covers(_ other: PublisherIdentity) -> Bool {
            publisher == other || (isWholeSource && publisher.source == other.source)
        }
    }

    private var holder: Holder?
    /// The publishers replaced while the camera was live, the most recent one last.
    private var superseded: [Superseded] = []

    /// The most publishers remembered. With more than these the first one may take the camera back.
    private static let maxSuperseded = 8

    /// Returns the decision about a frame of `publisher` now. Changes nothing.
    public func decision(for publisher: PublisherIdentity, now: Instant, _ rules: Rules) -> Decision {
        guard let holder, isLive(now, rules), holder.publisher != publisher else {
            return .granted(isTakeover: false)
        }
        if superseded.contains(where: { $0.covers(publisher) }) { return .takenOver }
        switch rules.takeover {
        case .replace: return .granted(isTakeover: true)
        case .refuse:
            let left = rules.liveFor - max(.zero, now - holder.lastFrame)
            let (seconds, rest) = left.components
            return .taken(retryAfterSeconds: max(1, Int(clamping: seconds) + (rest > 0 ? 1 : 0)))
        }
    }

    /// Decides about a frame of `publisher`. If it is granted, the camera belongs to `publisher`, and the caller
    /// publishes the frame.
    public mutating func claim(_ publisher: PublisherIdentity, now: Instant, _ rules: Rules) -> Decision {
        let decision = decision(for: publisher, now: now, rules)
        guard case .granted(let isTakeover) = decision else { return decision }
        if isTakeover, let old = holder?.publisher {
            superseded.append(Superseded(publisher: old, isWholeSource: old.source != publisher.source))
            if superseded.count > Self.maxSuperseded { superseded.removeFirst() }
        } else if !isLive(now, rules) {
            superseded = []
        }
        holder = Holder(publisher: publisher, lastFrame: now)
        return decision
    }

    /// Ends the lease of a streaming upload that has ended. A camera that belonged to it belongs to nobody now.
    public mutating func end(_ publisher: PublisherIdentity) {
        if holder?.publisher == publisher {
            self = PublisherLease()
        } else {
            // The number of a streaming upload is never used again.
            superseded.removeAll { !$0.isWholeSource && $0.publisher == publisher }
        }
    }

    private func isLive(_ now: Instant, _ rules: Rules) -> Bool {
        holder.map { now - $0.lastFrame < rules.liveFor } ?? false
    }
}

extension FrameRefusal {
    /// Creates the refusal for a lease's decision; nil if the camera is granted to the publisher.
    init?(_ decision: PublisherLease.Decision) {
        switch decision {
        case .granted: return nil
        case .takenOver: self = .takenOver
        case .taken(let seconds): self = .taken(retryAfterSeconds: seconds)
        }
    }
}
