// SPDX-License-Identifier: MIT
import Glibc
import System

/// Random numbers that are the same in every run (SplitMix64), so that a failure can be repeated.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    /// The seed of this run: the variable EVRELAY_SEED, or one that differs from run to run. A failure prints it.
    public static let seedOfRun: UInt64 =
        unsafe getenv("EVRELAY_SEED").flatMap { unsafe UInt64(String(cString: $0)) }
        ?? UInt64(SystemClock.nowMicroseconds())

    private var state: UInt64

    /// Creates the generator of the sequence that belongs to `seed`.
    public init(seed: UInt64) {
        state = seed
    }

    /// Returns the next 64 random bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
