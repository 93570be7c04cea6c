// SPDX-License-Identifier: MIT

/// Whole numbers as people write them in flags: decimal digits with at most a minus sign.
public enum WholeNumber {
    /// Reads a number of any sign; its setting checks the range.
    public static func parse(_ text: String) throws(ValueError) -> Int {
        let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
        guard isDigits(digits) else { throw ValueError(text, "not a whole number") }
        guard let number = Int(text) else { throw ValueError(text, "out of range") }
        return number
    }

    /// Splits `10s` into its number and its unit, which may be empty.
    public static func withUnit(_ text: String) throws(ValueError) -> (number: Int, unit: Substring) {
        let digits = text.utf8.prefix(while: isDigit)
        guard !digits.isEmpty else { throw ValueError(text, "does not begin with a whole number") }
        guard let number = Int(Substring(digits)) else { throw ValueError(text, "out of range") }
        return (number, text[digits.endIndex...])
    }

    /// Returns true for one or more of `0-9` and nothing else.
    public static func isDigits(_ bytes: some Collection<UInt8>) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy(isDigit)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

/// A flag that is on or off, as its environment variable has it.
public enum Switch {
    /// Reads `on`, `yes`, `true` or `1`, or `off`, `no`, `false` or `0`, in any case.
    public static func parse(_ text: String) throws(ValueError) -> Bool {
        switch text.lowercased() {
        case "on", "yes", "true", "1": true
        case "off", "no", "false", "0": false
        default: throw ValueError(text, "neither on nor off")
        }
    }
}
