// SPDX-License-Identifier: MIT
import Testing

@testable import EvRelay

@Suite struct ManualPageTests {
    private let page = ManualPage.text(EvRelayCommand.documented)

    @Test func `it has the sections of a manual page, in their order`() {
        let sections = page.split(separator: "\n").filter { $0.hasPrefix(".SH ") }.map { String($0.dropFirst(4)) }
        #expect(
            sections == [
                "NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "COMMANDS", "ENVIRONMENT", "FILES", "SIGNALS",
                "EXIT STATUS", "EXAMPLES", "SEE ALSO",
            ])
        #expect(page.hasPrefix(".TH \"EVRELAY\" \"1\" \"\" \"evrelay \(Version.current)\" "))
    }

    @Test func `it has each flag with its words, range and default, in the order of help`() throws {
        var rest = page[...]
        for flag in CommandFlag.all.map(\.flag) + Setting.all.map(\.flag) {
            let range = try #require(rest.firstRange(of: "\n.TP\n\\fB\(Roff.escaped(flag))\\fR"), "\(flag)")
            rest = rest[range.upperBound...]
        }
        for setting in Setting.all {
            #expect(page.contains("\n\(Roff.escaped(setting.summary))\n"))
            #expect(page.contains(Roff.escaped("Accepted: \(setting.acceptedText). Default: \(setting.defaultText).")))
        }
    }

    @Test(arguments: [
        ("a-b", "a\\-b"), ("a\\b", "a\\eb"), ("it's", "it\\(aqs"), ("\"x\"", "\\(dqx\\(dq"), ("plain", "plain"),
    ])
    func `text is escaped for roff`(_ text: String, _ escaped: String) {
        #expect(Roff.escaped(text) == escaped)
    }

    @Test func `text that begins as a request is none`() {
        var roff = Roff("x", version: "1")
        roff.plain(".so /etc/passwd")
        roff.plain("'so /etc/passwd")
        #expect(roff.text.hasSuffix("\n\\&.so /etc/passwd\n\\(aqso /etc/passwd\n"))
    }
}
