// SPDX-License-Identifier: MIT

/// Conversions that make text from any source safe for a terminal and for one line. Characters that could move the
/// cursor, or hide, reorder or split text, become escapes.
public enum PrintableText {
    /// Returns the text with each unprintable scalar as an escape: `\n`, `\r`, `\t` or `\u{1b}`. Backslashes are not
    /// escaped.
    public static func escaped(_ text: String) -> String {
        guard !isPlain(text) else { return text }
        var result = ""
        for scalar in text.unicodeScalars { append(scalar, to: &result) }
        return result
    }

    /// Returns the text as a log value: unchanged if it is one printable word, otherwise in double quotes, with quotes
    /// and backslashes escaped. Keeps at most `maxScalars` scalars; `…` marks a cut.
    public static func logValue(_ text: String, maxScalars: Int) -> String {
        let kept = cut(text, maxScalars: maxScalars)
        let isWord =
            !kept.isEmpty
            && kept.unicodeScalars.allSatisfy {
                isPrintable($0) && !" \"=\\".unicodeScalars.contains($0)
            }
        guard !isWord else { return kept }
        var result = "\""
        for scalar in kept.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { result.unicodeScalars.append("\\") }
            append(scalar, to: &result)
        }
        return result + "\""
    }

    /// Returns the text's first `maxScalars` scalars; `…` marks a cut.
    public static func cut(_ text: String, maxScalars: Int) -> String {
        // A text has at most as many scalars as bytes. This check spares almost every text the walk.
        guard text.utf8.count > maxScalars else { return text }
        let scalars = text.unicodeScalars
        let kept = scalars.prefix(maxScalars)
        return kept.endIndex == scalars.endIndex ? text : String(String.UnicodeScalarView(kept)) + "…"
    }

    /// Returns JSON with each unprintable scalar as `\u001b`. Such scalars occur only in strings, where the escape
    /// means the same.
    public static func unicodeEscaped(_ json: String) -> String {
        guard !isPlain(json) else { return json }
        var result = ""
        for scalar in json.unicodeScalars {
            if isPrintable(scalar) {
                result.unicodeScalars.append(scalar)
            } else {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            }
        }
        return result
    }

    /// Returns true for printable ASCII, which almost every text is. The check needs no Unicode tables.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
    }

    private static func append(_ scalar: Unicode.Scalar, to result: inout String) {
        switch scalar {
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        case _ where isPrintable(scalar): result.unicodeScalars.append(scalar)
        default: result += "\\u{\(String(scalar.value, radix: 16))}"
        }
    }

    /// Returns true for letters, marks, numbers, punctuation, symbols and the ASCII space. Returns false for controls
    /// (C0, C1), format characters (they can reverse the reading order), other separators, and private and unassigned
    /// scalars.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (0x20..<0x7F).contains(scalar.value) }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default: return true
        }
    }
}
