// SPDX-License-Identifier: MIT
// For `timespec`: in a release build its definition belongs to the first module that includes it, which is this one.
internal import CSystem
import Glibc

/// The two clocks of the machine.
///
/// Safe to call from any thread; neither is a system call on Linux (vDSO).
public enum SystemClock {
    /// Returns the wall-clock time in microseconds since 1970-01-01 UTC. Can jump when the clock is set.
    public static func nowMicroseconds() -> Int64 {
        let time = read(CLOCK_REALTIME)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    /// Returns the time of a clock for measuring time spans; it grows steadily and means nothing by itself.
    public static func monotonic() -> Instant {
        let time = read(CLOCK_MONOTONIC)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        _ = unsafe clock_gettime(clock, &time)
        return time
    }
}

/// A point on the monotonic clock, in eight bytes.
public struct Instant: Comparable, Hashable, Sendable {
    /// Nanoseconds since some moment before the program's start.
    public let nanoseconds: Int64

    /// Creates an instant, for tests that bring their own time.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// Later than every reading.
    public static let distantFuture = Instant(nanoseconds: .max)

    /// Returns the later instant; saturates instead of overflowing.
    public static func + (instant: Instant, duration: Duration) -> Instant {
        let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(duration.wholeNanoseconds)
        return overflow ? .distantFuture : Instant(nanoseconds: sum)
    }

    /// Returns the time from `earlier` to `later`.
    public static func - (later: Instant, earlier: Instant) -> Duration {
        .nanoseconds(later.nanoseconds) - .nanoseconds(earlier.nanoseconds)
    }

    /// Compares by order in time.
    public static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }
}

extension Duration {
    /// This duration in nanoseconds, clamped to `Int64` (292 years).
    public var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, isTooLongBySome) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        guard isTooLong || isTooLongBySome else { return sum }
        return seconds < 0 ? .min : .max
    }

    /// This duration in milliseconds, for logs and JSON.
    public var wholeMilliseconds: Int64 { wholeNanoseconds / 1_000_000 }
}
