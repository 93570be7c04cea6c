// SPDX-License-Identifier: MIT

/// Returns bytes that identify their position: no two pieces of less than 251 bytes are equal.
public func numbered(_ range: Range<Int>) -> [UInt8] { range.map { UInt8($0 % 251) } }
