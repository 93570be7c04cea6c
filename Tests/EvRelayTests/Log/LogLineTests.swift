// SPDX-License-Identifier: MIT
import Cameras
import Logging
import Testing
import WireFormat

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

    @Test func `no value, key or message can split a line or reach the terminal`() {
        var hostile = ""
        for scalar in (0...0x3000).compactMap(Unicode.Scalar.init) { hostile.unicodeScalars.append(scalar) }
        for form in [Form.text, .journal, .json, .journalJSON] {
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
        let entry = LogLine(level: .info, message: hostile, metadata: [hostile: .string(hostile)]).journalEntry
        #expect(entry.bytes.filter { $0 == 10 }.count == 5)
    }

    @Test func `a line fits into what a pipe takes in one go, and JSON stays JSON`() throws {
        var metadata: Logger.Metadata = [:]
        for count in [0, 1, 8, 40] {
            for index in 0..<count {
                metadata["v\(index)"] = .string(String(repeating: "\u{1F600}\u{202e}", count: 512))
            }
            for form in [Form.text, .journal, .json, .journalJSON] {
                let bytes = LogLine(level: .info, message: "m", metadata: metadata).bytes(form.value, time: "t")
                #expect(bytes.count <= 4096 && bytes.last == 10)
                #expect(String(validating: bytes, as: UTF8.self) != nil)
                #expect(form.value.format == .text || bytes.suffix(2) == Array("}\n".utf8))
            }
        }
    }

    @Test func `a line of too many values is cut between two characters`() {
        for length in 4080...4100 {
            let line = LogLine(level: .info, message: "m" + String(repeating: "é", count: length / 2), metadata: [:])
            let bytes = line.bytes(Form.journal.value, time: "")
            #expect(bytes.count <= 4096 && bytes.count >= min(length, 4095) && bytes.last == 10)
            #expect(String(validating: bytes, as: UTF8.self) != nil)
        }
    }

    @Test func `a line with a long value stays short`() {
        let line = LogLine(level: .info, message: "m", metadata: ["v": .string(String(repeating: "x", count: 100_000))])
        #expect(line.bytes(Form.journal.value, time: "").count < 600)
        #expect(line.bytes(Form.json.value, time: "").count < 600)
        #expect(line.journalEntry.bytes.count < 1200)
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

    @Test func `the JSON form is one object with the values under their own names`() {
        let line = LogLine(
            level: .info, message: "viewer left", metadata: ["camera.id": "door", "bytes": .stringConvertible(123)])
        let json =
            #"{"time":"2026-11-22T18:00:00.123Z","level":"info","message":"viewer left","bytes":123,"#
            + #""camera.id":"door"}"# + "\n"
        #expect(text(line, .json) == json)
        #expect(text(line, .journalJSON) == "<6>" + json)
    }

    @Test func `numbers and truth values are such in JSON, everything else is a string`() {
        let line = LogLine(
            level: .info, message: "m",
            metadata: [
                "a": .stringConvertible(-1), "b": .stringConvertible(UInt8(2)), "c": .stringConvertible(1.5),
                "d": .stringConvertible(true), "e": "3", "f": .stringConvertible(UInt64.max),
                "g": .stringConvertible(Double.nan), "h": ["x", .stringConvertible(1)],
                "i": .stringConvertible(Float(2)),
                "j": .stringConvertible(Int64.max),
            ])
        #expect(
            text(line, .json).hasSuffix(
                #""a":-1,"b":2,"c":1.500000,"d":true,"e":"3","f":"18446744073709551615","g":null,"h":"[x, 1]","#
                    + #""i":2.000000,"j":9223372036854775807}"# + "\n"))
    }

    @Test func `a value named as one of the line's own members gets out of the way`() {
        let line = LogLine(level: .info, message: "m", metadata: ["message": "v", "time": "t", "level": "l"])
        #expect(
            text(line, .json)
                == #"{"time":"2026-11-22T18:00:00.123Z","level":"info","message":"m","level_":"l","message_":"v","#
                + #""time_":"t"}"# + "\n")
    }

    @Test(arguments: [
        ("a\"b\\c", #"a\"b\\c"#), ("a\nb\tc", #"a\nb\tc"#), ("\u{1b}[31m", #"\u001b[31m"#),
        ("\u{7f}", #"\u007f"#), ("\u{202e}gpj", #"\u202egpj"#), ("\u{e0041}", #"\udb40\udc41"#), ("привет", "привет"),
    ])
    func `what is unprintable is escaped in JSON and keeps its meaning`(_ value: String, _ shown: String) {
        let line = LogLine(level: .info, message: "m", metadata: ["v": .string(value)])
        #expect(text(line, .json).hasSuffix(#""v":"\#(shown)"}"# + "\n"))
    }

    @Test func `the journal's entry has the line for people and each value in its field`() {
        let line = LogLine(
            level: .warning, message: "viewer left",
            metadata: ["camera.id": "two words", "duration.ms": .stringConvertible(1500), "bytes-ё": "a\nb"])
        #expect(
            String(decoding: line.journalEntry.bytes, as: UTF8.self) == """
                MESSAGE=viewer left bytes-_="a\\nb" camera.id="two words" duration.ms=1500
                PRIORITY=4
                SYSLOG_IDENTIFIER=evrelay
                EVRELAY_EVENT=viewer left
                EVRELAY_BYTES__=a\\nb
                EVRELAY_CAMERA_ID=two words
                EVRELAY_DURATION_MS=1500

                """)
    }

    private func text(_ line: LogLine, _ form: Form = .text) -> String {
        String(decoding: line.bytes(form.value, time: "2026-11-22T18:00:00.123Z"), as: UTF8.self)
    }

    private enum Form {
        case text, journal, json, journalJSON

        var value: LogLine.Form {
            switch self {
            case .text: .init(.text, isJournal: false)
            case .journal: .init(.text, isJournal: true)
            case .json: .init(.json, isJournal: false)
            case .journalJSON: .init(.json, isJournal: true)
            }
        }
    }
}
