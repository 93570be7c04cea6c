// SPDX-License-Identifier: MIT
import LibEvent
import System
import Testing
import WireFormat

@testable import EvRelay

@Suite struct CameraPatternTests {
    @Test(arguments: [
        ("door", ["door"], ["Door", "doors", "doo", "adoor"]),
        ("*", ["door", "a", "default"], []),
        ("shop-*", ["shop-", "shop-1", "shop-a.b"], ["shop", "ashop-1"]),
        ("*-out", ["-out", "door-out", "out-out"], ["out", "door-outs"]),
        ("a*b*c", ["abc", "axxbyyc", "abbc", "abcbc"], ["ab", "acb", "abcd", "xabc"]),
        ("**", ["a"], []), ("a**b", ["ab", "axb"], ["a", "b"]), ("*a*", ["a", "bab"], ["b"]),
        ("a.b", ["a.b"], ["axb"]),
    ])
    func `a star stands for any run of characters`(text: String, matching: [String], others: [String]) throws {
        let pattern = try CameraPattern(parsing: text)
        for name in matching { #expect(pattern.matches(try AccessFixture.camera(name)), "\(text) \(name)") }
        for name in others { #expect(!pattern.matches(try AccessFixture.camera(name)), "\(text) \(name)") }
    }

    @Test(arguments: ["", ".a", "a b", "a/b", "ü", "a?", "[a]", String(repeating: "a", count: 65)])
    func `what no name could be is refused`(text: String) {
        #expect(throws: ValueError.self) { try CameraPattern(parsing: text) }
    }

    @Test func `a list has one to a hundred`() throws {
        #expect(try CameraPattern.list(parsing: "a,b*").map(\.description) == ["a", "b*"])
        for text in ["", ",", "a,", ",a", "a,,b"] {
            #expect(throws: ValueError.self) { try CameraPattern.list(parsing: text) }
        }
        let names = (0..<101).map { "c\($0)" }
        #expect(try CameraPattern.list(Array(names.dropLast())).count == 100)
        #expect(throws: ValueError.self) { try CameraPattern.list(names) }
        #expect(throws: ValueError.self) { try CameraPattern.list([String]()) }
    }

    @Test func `a pattern made to be slow is not`() throws {
        let pattern = try CameraPattern(parsing: String(repeating: "*a", count: 31) + "*b")
        let name = try AccessFixture.camera(String(repeating: "a", count: 64))
        let start = SystemClock.monotonic()
        for _ in 0..<100 { #expect(!pattern.matches(name)) }
        #expect(SystemClock.monotonic() - start < .seconds(1))
    }
}
