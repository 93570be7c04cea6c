// SPDX-License-Identifier: MIT
import Testing

@testable import RelayLoad

struct LatencyHistogramTests {
    @Test func `without samples there is no percentile`() {
        #expect(LatencyHistogram().percentile(0.5) == nil)
    }

    @Test func `percentiles are nearest ranks rounded up to a hundredth of a millisecond`() {
        var histogram = LatencyHistogram()
        for milliseconds in (1...100).reversed() { histogram.add(.milliseconds(milliseconds)) }
        #expect(histogram.count == 100)
        #expect(histogram.percentile(0.5) == .microseconds(50_010))
        #expect(histogram.percentile(0.99) == .microseconds(99_010))
        #expect(histogram.percentile(1) == .milliseconds(100))
        #expect(histogram.percentile(0) == .microseconds(1010))
    }

    @Test func `one sample is every percentile, and never more than itself`() {
        var histogram = LatencyHistogram()
        histogram.add(.microseconds(7))
        #expect(histogram.percentile(0.01) == .microseconds(7))
        #expect(histogram.percentile(0.99) == .microseconds(7))
    }

    @Test func `samples outside the range are counted at its ends, and the largest stays exact`() {
        var histogram = LatencyHistogram()
        histogram.add(.milliseconds(-3))
        histogram.add(.seconds(90))
        #expect(histogram.percentile(0.5) == .microseconds(10))
        #expect(histogram.percentile(1) == .seconds(20))
        #expect(histogram.largest == .seconds(90))
    }
}
