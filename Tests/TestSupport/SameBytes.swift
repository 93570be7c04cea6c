// SPDX-License-Identifier: MIT
import LibEvent

/// Returns true if two slices have the same bytes. In a debug build `elementsEqual` allocates for each element, which
/// under AddressSanitizer takes seconds per megabyte.
public func areSame(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Bool {
    haveEqualBytes(left.span, right.span)
}
