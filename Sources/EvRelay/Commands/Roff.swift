// SPDX-License-Identifier: MIT

/// Writes a manual page with the macros of man(7). Escapes all text, so that callers need not.
struct Roff {
    /// The page so far.
    private(set) var text: String

    /// Begins a page of section 1, without hyphenation: half of the words are names to copy.
    init(_ name: String, version: String) {
        text = #".TH "\#(name.uppercased())" "1" "" "\#(Self.escaped("\(name) \(version)"))" "User Commands"\#n.nh\#n"#
    }

    /// Adds a section's title.
    mutating func section(_ title: String) { text += ".SH \(Self.escaped(title))\n" }

    /// Adds a title inside a section.
    mutating func subsection(_ title: String) { text += ".SS \(Self.escaped(title))\n" }

    /// Adds a paragraph.
    mutating func paragraph(_ words: String) { text += ".PP\n" + Self.line(words) }

    /// Adds a line of text without starting a paragraph.
    mutating func plain(_ words: String) { text += Self.line(words) }

    /// Adds a synopsis line: the program's name in bold, then its arguments.
    mutating func synopsis(_ usage: String) {
        let name = usage.prefix { $0 != " " }
        text += "\\fB\(Self.escaped(String(name)))\\fR\(Self.escaped(String(usage[name.endIndex...])))\n.br\n"
    }

    /// Adds a list item: a bold term, a variable word after it, and its description.
    mutating func item(_ term: String, _ variable: String? = nil, _ words: String...) {
        text += ".TP\n\\fB\(Self.escaped(term))\\fR"
        if let variable { text += " \\fI\(Self.escaped(variable))\\fR" }
        text += "\n" + words.map { Self.line($0) }.joined(separator: ".br\n")
    }

    /// Adds lines to type, with their line breaks.
    mutating func example(_ lines: String...) { example(lines) }

    /// Adds lines to type, with their line breaks.
    mutating func example(_ lines: [String]) {
        text += ".PP\n.RS 4\n.nf\n" + lines.map { Self.line($0) }.joined() + ".fi\n.RE\n"
    }

    /// Returns `text` escaped for roff. A hyphen becomes the minus sign that people can copy, an apostrophe that of
    /// ASCII.
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

    /// Returns an escaped line that roff does not read as a request, even if it begins with a dot.
    private static func line(_ words: String) -> String {
        let escaped = escaped(words)
        return (escaped.hasPrefix(".") ? "\\&" : "") + escaped + "\n"
    }
}
