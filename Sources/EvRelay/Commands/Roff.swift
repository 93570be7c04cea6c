// SPDX-License-Identifier: MIT

/// Writes a manual page with the macros of man(7). Text is escaped here, so nobody else has to think of it.
struct Roff {
    /// The page so far.
    private(set) var text: String

    /// Begins a page of section 1. Words are not hyphenated: half of them are names to copy.
    init(_ name: String, version: String) {
        text = #".TH "\#(name.uppercased())" "1" "" "\#(Self.escaped("\(name) \(version)"))" "User Commands"\#n.nh\#n"#
    }

    /// A section's title.
    mutating func section(_ title: String) { text += ".SH \(Self.escaped(title))\n" }

    /// A title inside a section.
    mutating func subsection(_ title: String) { text += ".SS \(Self.escaped(title))\n" }

    /// A paragraph.
    mutating func paragraph(_ words: String) { text += ".PP\n" + Self.line(words) }

    /// A line of text without a paragraph of its own.
    mutating func plain(_ words: String) { text += Self.line(words) }

    /// A way to call the program: its name in bold, then what may follow.
    mutating func synopsis(_ usage: String) {
        let name = usage.prefix { $0 != " " }
        text += "\\fB\(Self.escaped(String(name)))\\fR\(Self.escaped(String(usage[name.endIndex...])))\n.br\n"
    }

    /// A bold term, a variable word behind it, and what it means.
    mutating func item(_ term: String, _ variable: String? = nil, _ words: String...) {
        text += ".TP\n\\fB\(Self.escaped(term))\\fR"
        if let variable { text += " \\fI\(Self.escaped(variable))\\fR" }
        text += "\n" + words.map { Self.line($0) }.joined(separator: ".br\n")
    }

    /// Lines to type, as they stand.
    mutating func example(_ lines: String...) { example(lines) }

    /// Lines to type, as they stand.
    mutating func example(_ lines: [String]) {
        text += ".PP\n.RS 4\n.nf\n" + lines.map { Self.line($0) }.joined() + ".fi\n.RE\n"
    }

    /// Every hyphen is written as the minus sign that people copy, and every apostrophe as the one of ASCII.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "'": result += "\\(aq"
            case "\"": result += "\\(dq"
            default: result.append(character)
            }
        }
        return result
    }

    /// A line that is no request, even if it begins like one.
    private static func line(_ words: String) -> String {
        let escaped = escaped(words)
        return (escaped.hasPrefix(".") ? "\\&" : "") + escaped + "\n"
    }
}
