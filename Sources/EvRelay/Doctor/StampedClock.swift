// SPDX-License-Identifier: MIT
import LibEvent

/// Gives moments of the monotonic clock, which never jumps, the time of day that belongs to them.
struct StampedClock {
    private let moment = SystemClock.monotonic()
    private let microsecondsThen = SystemClock.nowMicroseconds()

    /// Microseconds since 1970-01-01 UTC.
    func microseconds(_ instant: Instant) -> Int64 {
        microsecondsThen + (instant - moment).wholeNanoseconds / 1000
    }
}
