// SPDX-License-Identifier: MIT
import WireFormat

/// The value of the Date field, formatted once a second.
struct DateField {
    private var second: Int64 = -1
    private var text = ""

    /// Returns the value at `unixSeconds`.
    mutating func text(_ unixSeconds: Int64) -> String {
        if unixSeconds != second {
            second = unixSeconds
            text = HTTPDate.format(unixSeconds: unixSeconds)
        }
        return text
    }
}
