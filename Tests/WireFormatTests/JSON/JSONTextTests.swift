// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@Suite struct JSONTextTests {
    private func text(_ members: (inout JSONText) -> Void) -> String {
        String(decoding: JSONText.object(members), as: UTF8.self)
    }

    @Test func `an error's body`() {
        let body = text {
            $0.member("status", 413)
            $0.member("reason", "frame-too-large")
            $0.member("message", "The frame has 6000000 bytes.")
        }
        #expect(body == #"{"status":413,"reason":"frame-too-large","message":"The frame has 6000000 bytes."}"#)
    }

    @Test func `objects and arrays nest with their commas`() {
        let body = text {
            $0.array("empty") { _ in }
            $0.object("none") { _ in }
            $0.array("cameras") { json in
                for name in ["a", "b"] {
                    json.element { $0.member("name", name) }
                }
                json.element("c")
                json.element(4)
            }
            $0.member("last", true)
        }
        #expect(body == #"{"empty":[],"none":{},"cameras":[{"name":"a"},{"name":"b"},"c",4],"last":true}"#)
        #expect(String(decoding: JSONText.array { $0.element(1) }, as: UTF8.self) == "[1]")
        #expect(text { _ in } == "{}")
    }

    @Test func `null stands for what is not there`() {
        let body = text {
            $0.null("a")
            $0.member("b", Int?.none)
            $0.member("c", String?.none)
            $0.member("d", Double.nan, decimals: 1)
            $0.member("e", Double.infinity, decimals: 1)
            $0.member("f", 1e300, decimals: 2)
        }
        #expect(body == #"{"a":null,"b":null,"c":null,"d":null,"e":null,"f":null}"#)
    }

    @Test(arguments: [
        ("\"", #"\""#), ("\\", #"\\"#), ("\n\r\t", #"\n\r\t"#), ("\u{0}", #"\u0000"#), ("\u{1F}", #"\u001f"#),
        ("\u{8}\u{C}", #"\u0008\u000c"#), ("\u{7F}", "\u{7F}"), ("дверь 🚪", "дверь 🚪"), ("</script>", "</script>"),
        ("", ""),
    ])
    func `strings are escaped as RFC 8259 asks`(value: String, escaped: String) {
        #expect(text { $0.member(value, value) } == "{\"\(escaped)\":\"\(escaped)\"}")
    }

    @Test func `integers at their ends`() {
        #expect(text { $0.member("a", Int64.min) } == #"{"a":-9223372036854775808}"#)
        #expect(text { $0.member("a", Int64.max) } == #"{"a":9223372036854775807}"#)
        #expect(text { $0.member("a", UInt64.max) } == #"{"a":9223372036854775807}"#)
        #expect(text { $0.member("a", -10) } == #"{"a":-10}"#)
    }

    @Test(arguments: [
        (9.95, 1, "10.0"), (9.94, 1, "9.9"), (0.0, 0, "0"), (0.5, 0, "1"), (-0.25, 1, "-0.3"), (-0.01, 1, "0.0"),
        (12.3456, 3, "12.346"), (0.004, 2, "0.00"), (1_000_000.5, 2, "1000000.50"), (2.0, 9, "2.000000000"),
    ])
    func `numbers have their fixed decimals`(value: Double, decimals: Int, written: String) {
        #expect(text { $0.member("n", value, decimals: decimals) } == "{\"n\":\(written)}")
    }
}
