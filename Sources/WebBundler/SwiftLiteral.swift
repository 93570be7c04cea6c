// SPDX-License-Identifier: MIT

/// Writes any text as a Swift string literal. A literal compiles at once, where an array of as many bytes takes
/// minutes.
enum SwiftLiteral {
    /// Returns a raw literal on one line. Quotes and backslashes stand as they are, so the source stays readable; line
    /// ends and everything that an editor or the compiler might change are escaped.
    static func text(_ text: String) -> String {
        let pounds = String(repeating: "#", count: longestRunOfPounds(text) + 1)
        var literal = "\(pounds)\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": literal += "\\\(pounds)n"
            case "\t": literal += "\\\(pounds)t"
            case _ where isPlain(scalar): literal.unicodeScalars.append(scalar)
            default: literal += "\\\(pounds)u{\(String(scalar.value, radix: 16))}"
            }
        }
        return literal + "\"\(pounds)"
    }

    /// Returns the most `#` in a row. Within one more of them, no quote and no backslash of the text can end or escape
    /// anything.
    private static func longestRunOfPounds(_ text: String) -> Int {
        var (longest, run) = (0, 0)
        for byte in text.utf8 {
            run = byte == UInt8(ascii: "#") ? run + 1 : 0
            longest = max(longest, run)
        }
        return longest
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate: false
        default: true
        }
    }
}
