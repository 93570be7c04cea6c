// SPDX-License-Identifier: MIT
import LibEvent

/// Whether two runs of bytes are the same. In a debug build `elementsEqual` allocates for each element, which under
/// AddressSanitizer takes seconds a megabyte.
public func areSame(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Bool {
    haveEqualBytes(left.span, right.span)
}
