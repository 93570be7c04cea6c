// SPDX-License-Identifier: MIT
import LibEvent

/// Which publisher a camera belongs to while it is live, so that the frames of two never alternate.
///
/// A value: it takes the time and the rules, and its camera's lock guards it.
struct PublisherLease: Sendable, Equatable {
    /// What holds for all cameras; a reload may change it.
    struct Rules: Sendable, Equatable {
        /// `--stale-after`: without a frame for this long a camera belongs to nobody.
        let liveFor: Duration
        /// `--takeover`
        let takeover: Takeover
    }

    /// What becomes of a publisher's frame.
    enum Decision: Sendable, Equatable {
        /// The camera is the publisher's.
        case granted(isTakeover: Bool)
        /// It was the publisher's, and another one has taken it over.
        case takenOver
        /// It is another one's, which would be silent long enough after so many seconds, at least 1.
        case taken(retryAfterSeconds: Int)
    }

    private struct Holder: Equatable {
        let publisher: PublisherIdentity
        var lastFrame: Instant
    }

    private struct Superseded: Equatable {
        let publisher: PublisherIdentity
        /// True if the successor came from elsewhere: then a new stream of the old source is no newcomer, or two that
        /// connect again and again would take the camera from each other for ever.
        let isWholeSource: Bool

        func covers(_ other: PublisherIdentity) -> Bool {
            publisher == other || (isWholeSource && publisher.source == other.source)
        }
    }

    private var holder: Holder?
    /// Those that were replaced while the camera was live, the latest one last.
    private var superseded: [Superseded] = []

    /// How many are remembered; with more publishers than this the first one may take the camera back.
    private static let maxSuperseded = 8

    /// What would become of a frame of `publisher` now.
    func decision(for publisher: PublisherIdentity, now: Instant, _ rules: Rules) -> Decision {
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

    /// Decides about a frame of `publisher`, which is published unless it is refused.
    mutating func claim(_ publisher: PublisherIdentity, now: Instant, _ rules: Rules) -> Decision {
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

    /// A streaming upload has ended: if the camera was its, it is nobody's now.
    mutating func end(_ publisher: PublisherIdentity) {
        if holder?.publisher == publisher {
            self = PublisherLease()
        } else {
            // Its number never comes again.
            superseded.removeAll { !$0.isWholeSource && $0.publisher == publisher }
        }
    }

    private func isLive(_ now: Instant, _ rules: Rules) -> Bool {
        holder.map { now - $0.lastFrame < rules.liveFor } ?? false
    }
}
