// SPDX-License-Identifier: MIT

/// What round trips tell about the way and the clocks.
struct RoundTrips: Equatable, Sendable {
    /// One trip: sent and received by this machine's clock, stamped in between by the server's. In µs since 1970.
    struct Trip: Equatable, Sendable {
        let sent, stamp, received: Int64
    }

    /// The median.
    let typical: Duration
    /// The largest lead of the server's clock that an answer showed, network included, in µs.
    let lead: Int64
    /// By how much the server's clock is ahead.
    let offset: Duration
    /// How far `offset` may be wrong.
    let error: Duration

    init(_ trips: [Trip]) {
        let times = trips.map { $0.received - $0.sent }
        typical = .microseconds(Self.upperMedian(times) ?? 0)
        lead = trips.map { $0.stamp - $0.received }.max() ?? 0
        let quickest = trips.min { $0.received - $0.sent < $1.received - $1.sent }
        // The stamp was made somewhere between sending and receiving: in the middle, give or take half the trip.
        offset = .microseconds(quickest.map { $0.stamp - ($0.sent + $0.received) / 2 } ?? 0)
        error = .microseconds((times.min() ?? 0) / 2)
    }

    /// How much longer than the quickest answer a part was on its way. Both clocks are compared with the same lead, so
    /// neither their difference nor a network that is slower in one direction matters.
    func delay(stamp: Int64, received: Int64) -> Duration { .microseconds(max(0, received - stamp + lead)) }

    /// Of two values that came together, the one that waited.
    static func upperMedian<Value: Comparable>(_ values: [Value]) -> Value? {
        values.isEmpty ? nil : values.sorted()[values.count / 2]
    }
}
