// SPDX-License-Identifier: MIT

/// The latency and the difference of the clocks, derived from round trips.
struct RoundTrips: Equatable, Sendable {
    /// One round trip: sent and received by this machine's clock, stamped by the server's in between, in µs since 1970.
    struct Trip: Equatable, Sendable {
        let sent, stamp, received: Int64
    }

    /// The accepted points in time, up to the year 2112: sums and differences of a few are far from overflow, in
    /// nanoseconds too. Whoever reads a time from outside checks it.
    static let times: ClosedRange<Int64> = 0...4_500_000_000_000_000

    /// The median round trip; of an even number, the upper one.
    let typical: Duration
    /// The largest difference between an answer's stamp and its receipt, in µs: the server's lead, less the quickest
    /// way back.
    let lead: Int64
    /// The time by which the server's clock is ahead.
    let offset: Duration
    /// The maximum error of `offset`.
    let error: Duration

    init(_ trips: [Trip]) {
        let times = trips.map { $0.received - $0.sent }
        typical = .microseconds(Self.upperMedian(times) ?? 0)
        lead = trips.map { $0.stamp - $0.received }.max() ?? 0
        let quickest = trips.min { $0.received - $0.sent < $1.received - $1.sent }
        // The stamp was made between sending and receiving: in the middle, give or take half the trip.
        offset = .microseconds(quickest.map { $0.stamp - ($0.sent + $0.received) / 2 } ?? 0)
        error = .microseconds((times.min() ?? 0) / 2)
    }

    /// Returns the delay of a part: its time on the way beyond that of the quickest answer. Both are measured with the
    /// same two clocks and in the same direction, so neither the clocks' difference nor a network that is slower in one
    /// direction matters.
    func delay(stamp: Int64, received: Int64) -> Duration { .microseconds(max(0, received - stamp + lead)) }

    /// Returns the median; of an even number of values the upper one: of two that came together, the one that waited.
    static func upperMedian<Value: Comparable>(_ values: [Value]) -> Value? {
        values.isEmpty ? nil : values.sorted()[values.count / 2]
    }
}
