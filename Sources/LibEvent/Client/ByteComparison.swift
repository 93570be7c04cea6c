// SPDX-License-Identifier: MIT
import Glibc

/// Returns true if two runs of bytes are equal.
///
/// Uses memcmp, since a load tool that compares 200 MB/s byte by byte would measure itself.
public func haveEqualBytes(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    guard left.count > 0 else { return true }
    // Safe: memcmp reads `count` bytes of each, which is the length of both, and the pointers don't leave the closures.
    return unsafe left.withUnsafeBytes { leftBytes in
        unsafe right.withUnsafeBytes { rightBytes in
            guard let one = leftBytes.baseAddress, let other = rightBytes.baseAddress else { return false }
            return unsafe memcmp(one, other, leftBytes.count) == 0
        }
    }
}
