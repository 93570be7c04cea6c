// SPDX-License-Identifier: MIT
import Cameras
import Testing

@testable import EvRelay

@Suite struct JournalEntryTests {
    private func bytes(_ name: String, _ value: String) -> [UInt8] {
        var entry = JournalEntry()
        entry.append(name, value)
        return entry.bytes
    }

    @Test(arguments: [("", "A=\n"), ("x", "A=x\n"), ("a=b", "A=a=b\n"), ("привет", "A=привет\n")])
    func `a value on one line stands behind an equals sign`(_ value: String, _ expected: String) {
        #expect(bytes("A", value) == Array(expected.utf8))
    }

    @Test func `a value with a line feed has its length before it`() {
        #expect(bytes("A", "x\ny") == Array("A\n".utf8) + [3, 0, 0, 0, 0, 0, 0, 0] + Array("x\ny\n".utf8))
        let long = String(repeating: "\n", count: 0x1_02_03)
        #expect(bytes("A", long).prefix(10) == Array("A\n".utf8)[...] + [3, 2, 1, 0, 0, 0, 0, 0])
    }

    @Test(arguments: [
        ("camera.id", "CAMERA_ID"), ("a=b\nc", "A_B_C"), ("Ё1", "_1"), (String(repeating: "x", count: 65), nil),
    ])
    func `a name keeps to the journal's alphabet and length`(_ name: String, _ expected: String?) {
        let expected = expected ?? String(repeating: "X", count: 64)
        #expect(bytes(name, "v") == Array("\(expected)=v\n".utf8))
    }

    @Test func `fields follow each other`() {
        var entry = JournalEntry()
        entry.append("A", "1")
        entry.append("B", "2")
        #expect(entry.bytes == Array("A=1\nB=2\n".utf8))
    }
}
