// SPDX-License-Identifier: MIT
import Logging
import Testing

@testable import EvRelay

@Suite struct LogLineTests {
    @Test func `the text form has time, level, message and sorted values`() {
        let line = LogLine(
            level: .notice, message: "listening", metadata: ["url": "http://localhost:1", "address": "x"])
        #expect(text(line) == "2026-11-22T18:00:00.123Z notice listening address=x url=http://localhost:1\n")
    }

    @Test(arguments: [
        (Logger.Level.trace, 7), (.debug, 7), (.info, 6), (.notice, 5), (.warning, 4), (.error, 3), (.critical, 2),
    ])
    func `the journal form has the priority of its level and no time`(_ level: Logger.Level, _ priority: Int) {
        let line = LogLine(level: level, message: "camera came", metadata: ["camera.id": "door"])
        #expect(text(line, .journal) == "<\(priority)>camera came camera.id=door\n")
    }

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

    @Test func `no value, key or message can split a line or reach the terminal`() {
        var hostile = ""
        for scalar in (0...0x3000).compactMap(Unicode.Scalar.init) { hostile.unicodeScalars.append(scalar) }
        for form in [LogLine.Form.text, .journal] {
            for piece in [hostile, String(hostile.reversed())] {
                let line = LogLine(
                    level: .info, message: piece, metadata: [piece: .string(piece), "list": [.string(piece)]])
                let scalars = text(line, form).unicodeScalars
                #expect(scalars.filter { $0 == "\n" }.count == 1)
                #expect(scalars.last == "\n")
                let controls = scalars.dropLast().filter {
                    [.control, .format, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
                }
                #expect(controls.isEmpty)
            }
        }
    }

    @Test func `a long value is cut and says so`() {
        #expect(PrintableText.logValue("abcde", maxScalars: 5) == "abcde")
        #expect(PrintableText.logValue("abcdef", maxScalars: 5) == "abcde…")
        #expect(PrintableText.logValue("ab def", maxScalars: 5) == "\"ab de…\"")
        let line = LogLine(level: .info, message: "m", metadata: ["v": .string(String(repeating: "x", count: 100_000))])
        #expect(line.bytes(.journal, time: "").count < 600)
    }

    @Test func `nested values stand in brackets, sorted`() {
        let line = LogLine(
            level: .info, message: "m",
            metadata: [
                "list": ["a", .stringConvertible(2)], "map": ["z": "1", "b": ["c"]], "n": .stringConvertible(-1.5),
            ])
        #expect(text(line, .journal) == "<6>m list=\"[a, 2]\" map=\"{b: [c], z: 1}\" n=-1.5\n")
    }

    @Test func `a key keeps to its alphabet`() {
        let line = LogLine(level: .info, message: "m", metadata: ["frame.bytes_9-a": "1", "a b=\"ё": "2"])
        #expect(text(line, .journal) == "<6>m a_b___=2 frame.bytes_9-a=1\n")
    }

    private func text(_ line: LogLine, _ form: LogLine.Form = .text) -> String {
        String(decoding: line.bytes(form, time: "2026-11-22T18:00:00.123Z"), as: UTF8.self)
    }
}
