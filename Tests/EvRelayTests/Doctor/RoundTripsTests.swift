// SPDX-License-Identifier: MIT
import Testing

@testable import EvRelay

@Suite struct RoundTripsTests {
    private let trips = RoundTrips([
        RoundTrips.Trip(sent: 0, stamp: 1_000_020, received: 40),
        RoundTrips.Trip(sent: 100, stamp: 1_000_105, received: 110),
        RoundTrips.Trip(sent: 200, stamp: 1_000_290, received: 300),
    ])

    @Test func `the quickest trip tells the clocks apart, and the middle one how long it takes`() {
        #expect(trips.offset == .microseconds(1_000_000))
        #expect(trips.error == .microseconds(5))
        #expect(trips.typical == .microseconds(40))
    }

    @Test func `a part is late by what it took longer than the quickest answer`() {
        #expect(trips.lead == 999_995)
        #expect(trips.delay(stamp: 1_001_000, received: 1_005) == .zero)
        #expect(trips.delay(stamp: 1_001_000, received: 1_505) == .microseconds(500))
        #expect(trips.delay(stamp: 1_001_000, received: 900) == .zero)
    }

    @Test func `of two values the median is the one that waited`() {
        #expect(RoundTrips.upperMedian([3, 1]) == 3)
        #expect(RoundTrips.upperMedian([3, 1, 2]) == 2)
        #expect(RoundTrips.upperMedian([Int]()) == nil)
    }
}
