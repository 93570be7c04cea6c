// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import WireFormat

@Suite struct JSONObjectTests {
    private func parse(_ text: String, maxDepth: Int = 4) throws(JSONObjectError) -> JSONObject {
        try JSONObject.parse(Array(text.utf8).span, maxDepth: maxDepth)
    }

    @Test func `what the server writes is read back`() throws {
        let text = JSONText.object { json in
            json.member("server", "evrelay")
            json.member("time_us", 1_700_000_000_123_456)
            json.member("trusted", true)
            json.member("forwarded", false)
            json.null("publishing_reason")
            json.member("odd", "a\"\\\n\u{1}дверь 🚪")
            json.array("cameras") { $0.element("door") }
        }
        let object = try JSONObject.parse(text.span, maxDepth: 4)
        #expect(object.text("server") == "evrelay")
        #expect(object.integer("time_us") == 1_700_000_000_123_456)
        #expect(object.boolean("trusted") == true)
        #expect(object.boolean("forwarded") == false)
        #expect(object.text("publishing_reason") == nil)
        #expect(object.text("odd") == "a\"\\\n\u{1}дверь 🚪")
        #expect(object.text("cameras") == nil)
    }

    @Test func `a member has the kind it was written with`() throws {
        let object = try parse(#" { "a" : "1" , "b" : -2, "c" : 1.5e3, "d" : 99999999999999999999 } "#)
        #expect(object.integer("a") == nil && object.text("a") == "1" && object.boolean("a") == nil)
        #expect(object.integer("b") == -2 && object.text("b") == nil)
        #expect(object.integer("c") == nil)
        #expect(object.integer("d") == nil)
        #expect(try parse("{}") == parse(" {\n} "))
    }

    @Test func `numbers are told whole or not, as far as they can be told`() throws {
        let object = try parse(
            #"{"a":1700000000,"b":1.7e9,"c":-0.5,"d":99999999999999999999,"e":1e400,"f":"1","g":-1e-400}"#)
        #expect(object.number("a") == 1.7e9 && object.number("b") == 1.7e9 && object.number("c") == -0.5)
        #expect(object.number("d") == 1e20 && object.integer("d") == nil)
        #expect(object.number("e") == nil && object.has("e"))
        #expect(object.number("f") == nil)
        #expect(object.number("g") == 0)
        #expect(object.number("h") == nil && !object.has("h"))
    }

    @Test func `a list of texts is one, and any other list is none`() throws {
        let object = try parse(#"{"a":["x","y"],"b":[],"c":["x",1],"d":[["x"]],"e":"x","f":[null],"g":[ "A" ]}"#)
        #expect(object.texts("a") == ["x", "y"])
        #expect(object.texts("b") == [])
        for name in ["c", "d", "e", "f", "h"] { #expect(object.texts(name) == nil) }
        #expect(object.texts("g") == ["A"])
        #expect(object.has("c") && object.has("f"))
    }

    @Test(arguments: [#"{"a":1,"a":1}"#, #"{"a":null,"a":1}"#, #"{"a":1,"a":2}"#, #"{"a":{},"b":1,"a":[]}"#])
    func `a member that stands twice is refused`(text: String) {
        #expect(throws: JSONObjectError.self) { try parse(text) }
    }

    @Test func `escapes are undone`() throws {
        let object = try parse(#"{"a":"\"\\\/\b\f\n\r\t\u0041\u043f\ud83d\udeaa"}"#)
        #expect(object.text("a") == "\"\\/\u{8}\u{C}\n\r\tAп🚪")
    }

    @Test func `what is nested is read over, down to the limit`() throws {
        let text = #"{"a":[[{"b":[1,-0.5,"]",null,true]}],{}],"c":3}"#
        #expect(try parse(text, maxDepth: 5).integer("c") == 3)
        #expect(throws: JSONObjectError.self) { try parse(text, maxDepth: 4) }
        #expect(throws: JSONObjectError.self) { try parse(#"{"a":"# + String(repeating: "[", count: 100_000)) }
    }

    @Test func `objects in it and rows of whole numbers are kept, with the same rules`() throws {
        let object = try parse(#"{"a":{"b":1,"c":{"d":"x"}},"e":[[1,-2.0,3e2],[]],"f":[],"g":null}"#)
        #expect(object.object("a")?.object("c")?.text("d") == "x")
        #expect(object.rows("e") == [[1, -2, 300], []] && object.rows("f") == [])
        #expect(object.isNull("g") && !object.isNull("h") && object.object("e") == nil && object.rows("a") == nil)
        for rows in ["[1]", "[[1.5]]", "[[1],2]", #"[["1"]]"#, #"["1"]"#, "[[[1]]]"] {
            #expect(try parse("{\"a\":\(rows)}").rows("a") == nil)
        }
        #expect(throws: JSONObjectError.self) { try parse(#"{"a":{"b":1,"b":1}}"#) }
    }

    @Test(arguments: [
        "", "[]", "1", "{", "}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{\"a\":01}", "{\"a\":+1}", "{\"a\":1.}",
        "{\"a\":-}", "{\"a\":1e}", "{\"a\":tru}", "{\"a\":\"}", "{\"a\":\"\n\"}", "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\ud83d\"}", "{\"a\":\"\\ud83d\\u0041\"}", "{\"a\":\"\\udeaa\"}", "{} x", "{}{}", "{\"a\":[1 2]}",
        "{\"a\":[1,]}", "<html>",
    ])
    func `what is no JSON object is refused`(text: String) {
        #expect(throws: JSONObjectError.self) { try parse(text) }
    }

    @Test func `a text cut anywhere, or bytes at random, are refused and do no harm`() throws {
        let text = Array(#"{"a":"bc\u0041","d":[1,{"e":null}],"f":-1.5e2,"g":true}"#.utf8)
        #expect(throws: Never.self) { try JSONObject.parse(text.span, maxDepth: 4) }
        for count in 0..<text.count {
            #expect(throws: JSONObjectError.self) { try JSONObject.parse(Array(text[..<count]).span, maxDepth: 4) }
        }
        var random = SeededGenerator(seed: 8259)
        for _ in 0..<5_000 {
            var changed = text
            for _ in 0..<3 { changed[Int(random.next() % UInt64(text.count))] = UInt8(random.next() % 256) }
            _ = try? JSONObject.parse(changed.span, maxDepth: 4)
        }
    }
}
