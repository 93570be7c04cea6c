// SPDX-License-Identifier: MIT
import LibEvent
import System

/// Converts instants of the monotonic clock, which never jumps, to the time of day.
struct StampedClock {
    private let moment = SystemClock.monotonic()
    private let microsecondsThen = SystemClock.nowMicroseconds()

    /// Returns microseconds since 1970-01-01 UTC.
    func microseconds(_ instant: Instant) -> Int64 {
        microsecondsThen + (instant - moment).wholeNanoseconds / 1000
    }
}
