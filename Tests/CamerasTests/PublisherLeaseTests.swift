// SPDX-License-Identifier: MIT
import LibEvent
import TestSupport
import Testing

@testable import Cameras

@Suite struct PublisherLeaseTests {
    private static let taken = PublisherLease.Decision.granted(isTakeover: true)
    private static let granted = PublisherLease.Decision.granted(isTakeover: false)

    /// Returns a lease that `id` has had since moment 0.
    private static func lease(of id: String, stream: UInt64? = nil) throws -> PublisherLease {
        var lease = PublisherLease()
        #expect(lease.claim(try publisher(id, stream: stream), now: moment(0), defaultRules) == granted)
        return lease
    }

    @Test(arguments: [defaultRules, refusingRules])
    func `the first publisher gets the camera and keeps it while it sends`(_ rules: PublisherLease.Rules) throws {
        var lease = PublisherLease()
        for second in [0.0, 1, 3.9, 6.8, 100, 101] {
            #expect(lease.decision(for: try publisher("first-one"), now: moment(second), rules) == Self.granted)
            #expect(lease.claim(try publisher("first-one"), now: moment(second), rules) == Self.granted)
        }
    }

    @Test func `a newcomer replaces the publisher, which is refused from then on`() throws {
        var lease = try Self.lease(of: "first-one")
        #expect(lease.claim(try publisher("second-one"), now: moment(1), defaultRules) == Self.taken)
        for second in [1.1, 2, 3.9] {
            #expect(lease.claim(try publisher("first-one"), now: moment(second), defaultRules) == .takenOver)
        }
        #expect(lease.claim(try publisher("second-one"), now: moment(3.9), defaultRules) == Self.granted)
        #expect(lease.claim(try publisher("first-one"), now: moment(6.8), defaultRules) == .takenOver)
    }

    @Test func `a refused frame neither keeps the lease alive nor changes it`() throws {
        var lease = try Self.lease(of: "first-one")
        let before = lease
        #expect(
            lease.claim(try publisher("second-one"), now: moment(2.9), refusingRules) == .taken(retryAfterSeconds: 1))
        #expect(lease == before)
        #expect(lease.decision(for: try publisher("second-one"), now: moment(1), defaultRules) == Self.taken)
        #expect(lease == before)
        #expect(lease.claim(try publisher("second-one"), now: moment(3), refusingRules) == Self.granted)
    }

    @Test(arguments: [
        (-5.0, 3), (0, 3), (0.000_000_001, 3), (0.999_999_999, 3), (1, 2), (1.5, 2), (2, 1), (2.5, 1),
        (2.999_999_999, 1),
    ])
    func `a newcomer that is refused is told in whole seconds when the camera would be stale`(
        _ second: Double, _ seconds: Int
    ) throws {
        let lease = try Self.lease(of: "first-one")
        #expect(
            lease.decision(for: try publisher("second-one"), now: moment(second), refusingRules)
                == .taken(retryAfterSeconds: seconds))
    }

    @Test func `a short lease is told as one second`() throws {
        let lease = try Self.lease(of: "first-one")
        let rules = PublisherLease.Rules(liveFor: .milliseconds(100), takeover: .refuse)
        #expect(
            lease.decision(for: try publisher("second-one"), now: moment(0), rules) == .taken(retryAfterSeconds: 1))
    }

    @Test func `a camera that is no longer live is anybody's, and nobody has been replaced`() throws {
        var lease = try Self.lease(of: "first-one")
        #expect(lease.claim(try publisher("second-one"), now: moment(1), defaultRules) == Self.taken)
        #expect(lease.claim(try publisher("first-one"), now: moment(3.999), defaultRules) == .takenOver)
        #expect(lease.claim(try publisher("first-one"), now: moment(4), defaultRules) == Self.granted)
        // The second publisher was not replaced while the camera was live, so it counts as a newcomer.
        #expect(lease.claim(try publisher("second-one"), now: moment(5), defaultRules) == Self.taken)
    }

    @Test func `who was replaced is forgotten when the same publisher comes back after a pause`() throws {
        var lease = try Self.lease(of: "first-one")
        _ = lease.claim(try publisher("second-one"), now: moment(1), defaultRules)
        #expect(lease.claim(try publisher("second-one"), now: moment(10), defaultRules) == Self.granted)
        #expect(lease.claim(try publisher("first-one"), now: moment(11), defaultRules) == Self.taken)
    }

    @Test func `the last eight that were replaced are remembered`() throws {
        var lease = try Self.lease(of: "publisher-0")
        for number in 1...9 {
            #expect(lease.claim(try publisher("publisher-\(number)"), now: moment(1), defaultRules) == Self.taken)
        }
        for number in 1...8 {
            #expect(
                lease.decision(for: try publisher("publisher-\(number)"), now: moment(1), defaultRules) == .takenOver)
        }
        #expect(lease.decision(for: try publisher("publisher-0"), now: moment(1), defaultRules) == Self.taken)
        #expect(lease.decision(for: try publisher("publisher-9"), now: moment(1), defaultRules) == Self.granted)
    }

    @Test func `a reload that changes the way holds from the next frame on`() throws {
        var lease = try Self.lease(of: "first-one")
        #expect(lease.claim(try publisher("second-one"), now: moment(1), defaultRules) == Self.taken)
        #expect(lease.claim(try publisher("third-one"), now: moment(1), refusingRules) == .taken(retryAfterSeconds: 3))
        #expect(lease.claim(try publisher("first-one"), now: moment(1), refusingRules) == .takenOver)
    }

    @Test func `a streaming upload that ends leaves the camera to anybody at once`() throws {
        var lease = try Self.lease(of: "first-one")
        _ = lease.claim(try publisher("second-one", stream: 1), now: moment(1), defaultRules)
        #expect(lease.decision(for: try publisher("first-one"), now: moment(1.5), refusingRules) == .takenOver)
        lease.end(try publisher("second-one", stream: 1))
        #expect(lease == PublisherLease())
    }

    @Test func `the end of a replaced stream changes nothing`() throws {
        var lease = try Self.lease(of: "first-one", stream: 1)
        _ = lease.claim(try publisher("second-one", stream: 2), now: moment(1), defaultRules)
        let before = lease
        lease.end(try publisher("first-one", stream: 1))
        lease.end(try publisher("first-one", stream: 3))
        #expect(lease == before)
    }

    @Test func `a source that was replaced from elsewhere cannot come back as a new stream`() throws {
        var lease = try Self.lease(of: "first-one", stream: 1)
        _ = lease.claim(try publisher("second-one", stream: 2), now: moment(1), defaultRules)
        for again in try [publisher("first-one", stream: 1), publisher("first-one", stream: 3), publisher("first-one")]
        {
            #expect(lease.claim(again, now: moment(2), defaultRules) == .takenOver)
        }
    }

    @Test func `a source may connect again for its stream as often as it likes`() throws {
        var lease = try Self.lease(of: "first-one", stream: 0)
        for number in UInt64(1)...30 {
            let next = try publisher("first-one", stream: number)
            #expect(lease.claim(next, now: moment(1), defaultRules) == Self.taken)
            let last = try publisher("first-one", stream: number - 1)
            #expect(lease.decision(for: last, now: moment(1), defaultRules) == .takenOver)
            lease.end(last)
        }
        #expect(lease.decision(for: try publisher("first-one"), now: moment(1), refusingRules) != .takenOver)
    }

    @Test func `single frames that a stream of the same source has replaced do not come back`() throws {
        var lease = try Self.lease(of: "first-one")
        #expect(lease.claim(try publisher("first-one", stream: 1), now: moment(1), defaultRules) == Self.taken)
        #expect(lease.claim(try publisher("first-one"), now: moment(2), defaultRules) == .takenOver)
        #expect(lease.claim(try publisher("first-one", stream: 1), now: moment(2), defaultRules) == Self.granted)
    }
}
