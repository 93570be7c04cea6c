// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import TestSupport
import Testing

@testable import EvRelay

@Suite struct CounterTests {
    @Test func `a counter loses nothing between threads`() throws {
        let counter = Counter()
        try together(4) { number in for _ in 0..<10_000 { counter.add(number == 3 ? -1 : 1) } }
        #expect(counter.value == 20_000)
        counter.add(-20_000)
        #expect(counter.value == 0)
    }

    @Test func `words are counted apart`() throws {
        let counter = LabelledCounter()
        #expect(counter.values == [:])
        try together(4) { number in for _ in 0..<1_000 { counter.add(number == 0 ? "a" : "b") } }
        #expect(counter.values == ["a": 1_000, "b": 3_000])
    }

    @Test(arguments: [
        (-5, 0), (0, 0), (999, 0), (1_000, 0), (1_001, 1), (2_500, 1), (2_501, 2), (1_000_000, 2),
    ])
    func `a duration falls into the range whose end it does not exceed`(_ microseconds: Int, _ range: Int) {
        let histogram = Histogram(bounds: [0.001, 0.0025])
        histogram.observe(.microseconds(microseconds))
        var counts = [0, 0, 0]
        counts[range] = 1
        #expect(histogram.snapshot == HistogramSnapshot(counts: counts, seconds: Double(max(0, microseconds)) / 1e6))
    }

    @Test func `the histograms of all loops add up`() {
        let first = Histogram(bounds: [0.1, 1])
        let second = Histogram(bounds: [0.1, 1])
        first.observe(.milliseconds(50))
        first.observe(.seconds(2))
        second.observe(.milliseconds(500))
        #expect(HistogramSnapshot.sum([first, second]) == HistogramSnapshot(counts: [1, 1, 1], seconds: 2.55))
        #expect(HistogramSnapshot.sum([]) == HistogramSnapshot(counts: [], seconds: 0))
    }

    @Test func `a histogram without bounds has one range`() {
        let histogram = Histogram(bounds: [])
        histogram.observe(.seconds(1))
        #expect(histogram.snapshot.counts == [1])
    }

    @Test func `connections are counted where they are, and once when they come`() {
        let metrics = LoopMetrics([])
        for _ in 0..<3 { metrics.connectionMoved(from: nil, to: .head) }
        metrics.connectionMoved(from: .head, to: .request)
        metrics.connectionMoved(from: .request, to: .stream)
        metrics.connectionMoved(from: .head, to: nil)
        #expect(metrics.connectionsAccepted.value == 3)
        #expect(metrics.connections(in: .head) == 1)
        #expect(metrics.connections(in: .stream) == 1)
        #expect(ConnectionPhase.allCases.reduce(0) { $0 + metrics.connections(in: $1) } == 2)
    }
}
