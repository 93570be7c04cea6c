// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@Suite struct PrintableTextTests {
    @Test(arguments: [
        ("word", "word"), ("[::1]:80", "[::1]:80"), ("a/b?c&d%20", "a/b?c&d%20"), ("привет", "привет"), ("", "\"\""),
        ("two words", "\"two words\""), ("a=b", "\"a=b\""), ("say \"hi\"", "\"say \\\"hi\\\"\""),
        ("back\\slash", "\"back\\\\slash\""), ("a\nb", "\"a\\nb\""), ("a\r\nb", "\"a\\r\\nb\""), ("a\tb", "\"a\\tb\""),
        ("\u{1b}[31m", "\"\\u{1b}[31m\""), ("\0", "\"\\u{0}\""), ("\u{7f}", "\"\\u{7f}\""),
        ("\u{9b}31m", "\"\\u{9b}31m\""), ("\u{202e}gpj", "\"\\u{202e}gpj\""), ("\u{2028}", "\"\\u{2028}\""),
        ("\u{feff}", "\"\\u{feff}\""), ("\u{a0}", "\"\\u{a0}\""), ("e\u{301}", "e\u{301}"),
        ("\\u{1b}", "\"\\\\u{1b}\""),
    ])
    func `a value is quoted and escaped where it must be`(_ value: String, _ shown: String) {
        #expect(PrintableText.logValue(value, maxScalars: 100) == shown)
    }

    @Test func `a long value is cut and says so`() {
        #expect(PrintableText.logValue("abcde", maxScalars: 5) == "abcde")
        #expect(PrintableText.logValue("abcdef", maxScalars: 5) == "abcde…")
        #expect(PrintableText.logValue("ab def", maxScalars: 5) == "\"ab de…\"")
    }
}
