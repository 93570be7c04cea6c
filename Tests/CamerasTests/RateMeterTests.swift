// SPDX-License-Identifier: MIT
import TestSupport
import Testing

@testable import Cameras

@Suite struct RateMeterTests {
    private static func meter(_ times: some Sequence<Double>, bytes: Int = 40_000) -> RateMeter {
        var meter = RateMeter()
        for time in times { meter.record(bytes: bytes, at: moment(time)) }
        return meter
    }

    private static func isNear(_ value: Double, _ expected: Double, within part: Double) -> Bool {
        abs(value - expected) <= expected * part
    }

    @Test func `nothing and a single frame are no rate`() {
        #expect(RateMeter().framesPerSecond(at: moment(0)) == 0)
        #expect(RateMeter().bytesPerSecond(at: moment(0)) == 0)
        let one = Self.meter([1])
        #expect(one.framesPerSecond(at: moment(1)) == 0)
        #expect(one.bytesPerSecond(at: moment(2)) == 0)
    }

    @Test(arguments: [0.2, 1, 10, 30, 120]) func `a steady rate is told exactly`(_ rate: Double) {
        let times = (0..<200).map { Double($0) / rate }
        let meter = Self.meter(times)
        let now = moment(199 / rate)
        #expect(Self.isNear(meter.framesPerSecond(at: now), rate, within: 0.001))
        #expect(Self.isNear(meter.bytesPerSecond(at: now), rate * 40_000, within: 0.001))
    }

    @Test func `two frames are enough for a first rate`() {
        let meter = Self.meter([0, 0.1])
        #expect(Self.isNear(meter.framesPerSecond(at: moment(0.1)), 10, within: 0.001))
    }

    @Test func `half an interval of delay changes nothing, then the rate falls towards zero`() {
        let meter = Self.meter((0...50).map { Double($0) * 0.1 })
        #expect(Self.isNear(meter.framesPerSecond(at: moment(5.14)), 10, within: 0.001))
        #expect(Self.isNear(meter.framesPerSecond(at: moment(6)), 1, within: 0.001))
        #expect(Self.isNear(meter.framesPerSecond(at: moment(15)), 0.1, within: 0.001))
        #expect(meter.bytesPerSecond(at: moment(1005)) < 41)
    }

    @Test func `after a pause the rate is the new one within seconds`() {
        let before = (0...50).map { Double($0) * 0.1 }
        let after = (0...20).map { 65 + Double($0) * 0.2 }
        let meter = Self.meter(before + after)
        #expect(Self.isNear(meter.framesPerSecond(at: moment(69)), 5, within: 0.2))
    }

    @Test func `a camera that slows down to a frame every ten seconds is told as that`() {
        let before = (0...50).map { Double($0) * 0.1 }
        let after = (1...6).map { 5 + Double($0) * 10 }
        let meter = Self.meter(before + after)
        #expect(Self.isNear(meter.framesPerSecond(at: moment(65)), 0.1, within: 0.5))
    }

    @Test func `a change of rate is followed within seconds`() {
        let slow = (0...50).map { Double($0) * 0.2 }
        let fast = (1...150).map { 10 + Double($0) / 30 }
        let meter = Self.meter(slow + fast)
        #expect(Self.isNear(meter.framesPerSecond(at: moment(15)), 30, within: 0.25))
        let meterDown = Self.meter((0...150).map { Double($0) / 30 } + (1...50).map { 5 + Double($0) * 0.2 })
        #expect(Self.isNear(meterDown.framesPerSecond(at: moment(15)), 5, within: 0.25))
    }

    @Test func `frames with jitter count as many as they are`() {
        var random = SeededGenerator(seed: 1)
        let times = (0..<300).map { Double($0) * 0.1 + Double.random(in: -0.04...0.04, using: &random) }
        let meter = Self.meter(times)
        #expect(Self.isNear(meter.framesPerSecond(at: moment(29.95)), 10, within: 0.2))
    }

    @Test func `frames that come in bursts count as many as they are`() {
        // Five at once every half second: 10 a second after a proxy that collects, or in a loop that was busy.
        let times = (0..<60).flatMap { burst in (0..<5).map { Double(burst) * 0.5 + Double($0) * 0.0001 } }
        let meter = Self.meter(times)
        #expect(Self.isNear(meter.framesPerSecond(at: moment(29.6)), 10, within: 0.3))
    }

    @Test func `frames of the same instant do not divide by zero`() {
        let meter = Self.meter([1, 1, 1, 1])
        #expect(meter.framesPerSecond(at: moment(1)).isFinite)
        #expect(meter.bytesPerSecond(at: moment(1)).isFinite)
    }

    @Test func `bytes a second follow the size of the frames`() {
        var meter = RateMeter()
        for number in 0..<100 { meter.record(bytes: 10_000, at: moment(Double(number) * 0.1)) }
        for number in 100..<200 { meter.record(bytes: 50_000, at: moment(Double(number) * 0.1)) }
        #expect(Self.isNear(meter.bytesPerSecond(at: moment(19.9)), 500_000, within: 0.05))
    }
}
