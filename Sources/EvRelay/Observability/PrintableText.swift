// SPDX-License-Identifier: MIT

/// Text from anywhere made fit for a terminal and for one line: what could move a cursor, hide, reorder or split text
/// is written as an escape.
enum PrintableText {
    /// The text with every unprintable scalar as `\n`, `\t` or `\u{1b}`. Backslashes stay as they are.
    static func escaped(_ text: String) -> String {
        guard !isPlain(text) else { return text }
        var result = ""
        for scalar in text.unicodeScalars { append(scalar, to: &result) }
        return result
    }

    /// The text as a log value: as it is where it is one printable word, otherwise between quotes, with quotes and
    /// backslashes escaped. At most `maxScalars` scalars are kept; `…` tells that there were more.
    static func logValue(_ text: String, maxScalars: Int) -> String {
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

    /// The text's first `maxScalars` scalars; `…` tells that there were more.
    static func cut(_ text: String, maxScalars: Int) -> String {
        // There are at most as many scalars as bytes, which spares almost every text the walk.
        guard text.utf8.count > maxScalars else { return text }
        let scalars = text.unicodeScalars
        let kept = scalars.prefix(maxScalars)
        return kept.endIndex == scalars.endIndex ? text : String(String.UnicodeScalarView(kept)) + "…"
    }

    /// JSON with every unprintable scalar as `\u001b`. Such scalars stand in strings only, where that is what they mean.
    static func unicodeEscaped(_ json: String) -> String {
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

    /// Almost every text is printable ASCII; its check needs no Unicode tables.
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

    /// Letters, marks, numbers, punctuation, symbols and the ASCII space. Not: controls (C0, C1), format characters
    /// (they can reverse the reading order), other separators, private and unassigned scalars.
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
