// SPDX-License-Identifier: MIT
import System
import Testing

@Suite struct SystemClockTests {
    @Test func `the steady clock never goes back`() {
        var last = SystemClock.monotonic()
        for _ in 0..<10_000 {
            let now = SystemClock.monotonic()
            #expect(now >= last)
            last = now
        }
    }

    @Test func `the wall clock counts microseconds since 1970`() {
        // Between 2025 and 2100.
        #expect((1_735_689_600_000_000...4_102_444_800_000_000).contains(SystemClock.nowMicroseconds()))
    }

    @Test func `instants and time spans add and subtract`() {
        let start = Instant(nanoseconds: 1_000)
        #expect(start + .nanoseconds(5) == Instant(nanoseconds: 1_005))
        #expect(start + .seconds(-1) == Instant(nanoseconds: -999_999_000))
        #expect(Instant(nanoseconds: 5_000_000_000) - start == .nanoseconds(4_999_999_000))
        #expect(start - Instant(nanoseconds: 3_000) == .nanoseconds(-2_000))
        #expect(start < start + .nanoseconds(1))
    }

    @Test func `an instant beyond the end of time is the distant future`() {
        let now = SystemClock.monotonic()
        #expect(now + .nanoseconds(Int64.max) == .distantFuture)
        #expect(now + .seconds(Int64.max) == .distantFuture)
        #expect(Instant.distantFuture + .seconds(1) == .distantFuture)
        #expect(now < .distantFuture)
    }

    private static let spans: [(Duration, Int64, Int64)] = [
        (.zero, 0, 0), (.milliseconds(1500), 1_500_000_000, 1500), (.nanoseconds(-1_500_000), -1_500_000, -1),
        (.nanoseconds(999_999), 999_999, 0), (.seconds(Int64.max), .max, .max / 1_000_000),
    ]

    @Test(arguments: spans)
    func `a time span in whole units`(_ span: Duration, _ nanoseconds: Int64, _ milliseconds: Int64) {
        #expect(span.wholeNanoseconds == nanoseconds)
        #expect(span.wholeMilliseconds == milliseconds)
    }

    @Test func `the longest time spans in nanoseconds stay within their bounds`() async {
        await #expect(processExitsWith: .success) {
            let span = Duration.seconds(9_223_372_036) + .nanoseconds(999_999_999)
            #expect(span.wholeNanoseconds == .max)
            #expect((Instant(nanoseconds: 0) + span) == .distantFuture)
        }
    }
}
