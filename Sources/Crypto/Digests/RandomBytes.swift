// SPDX-License-Identifier: MIT

/// Unpredictable bytes for keys and secrets. Safe to call from any thread.
public enum RandomBytes {
    /// Returns `count` bytes of the kernel's generator (getrandom(2), which Swift's own generator asks).
    public static func make(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<max(0, count)).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}
