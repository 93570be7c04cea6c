// SPDX-License-Identifier: MIT

/// A flag without a value, as its environment variable writes it.
enum Switch {
    /// Reads `on` or `off`, or one of the words that mean the same elsewhere.
    static func parse(_ text: String) throws(ValueError) -> Bool {
        switch text.lowercased() {
        case "on", "yes", "true", "1": true
        case "off", "no", "false", "0": false
        default: throw ValueError(text, "neither on nor off")
        }
    }
}
