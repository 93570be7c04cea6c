// SPDX-License-Identifier: MIT

/// A flag that is on or off, as its environment variable has it.
enum Switch {
    /// Reads `on`, `yes`, `true` or `1`, or `off`, `no`, `false` or `0`, in any case.
    static func parse(_ text: String) throws(ValueError) -> Bool {
        switch text.lowercased() {
        case "on", "yes", "true", "1": true
        case "off", "no", "false", "0": false
        default: throw ValueError(text, "neither on nor off")
        }
    }
}
