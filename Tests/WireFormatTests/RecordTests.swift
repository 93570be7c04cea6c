// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import WireFormat

@Suite struct RecordTests {
    private static let numbers: [Int64] = [0, 1, -1, 255, 256, 1_795_370_400_123_456, .max, .min]
    private static let strings: [[UInt8]] = [[], [0], Array("door".utf8), [UInt8](repeating: 0xFF, count: 1000)]

    /// Returns a record of all of the above, a number and a string in turn.
    private static func written() -> [UInt8] {
        var writer = RecordWriter()
        for (number, string) in zip(numbers, strings + strings) {
            writer.put(number)
            writer.put(string)
        }
        return writer.bytes
    }

    private static func read(_ bytes: [UInt8]) throws(RecordError) -> (numbers: [Int64], strings: [[UInt8]]) {
        var reader = RecordReader(bytes)
        var result: (numbers: [Int64], strings: [[UInt8]]) = ([], [])
        for _ in numbers {
            result.numbers.append(try reader.number())
            result.strings.append(try reader.string())
        }
        guard reader.isAtEnd else { throw RecordError(offset: -1) }
        return result
    }

    @Test func `what was written is read`() throws {
        let (numbers, strings) = try Self.read(Self.written())
        #expect(numbers == Self.numbers)
        #expect(strings == Self.strings + Self.strings)
    }

    @Test func `the bytes are the same on every machine`() {
        var writer = RecordWriter()
        #expect(writer.bytes == [])
        writer.put(0x0102_0304_0506_0708)
        writer.put(Array("ab".utf8))
        #expect(writer.bytes == [1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 2, 0x61, 0x62])
    }

    @Test func `what was cut at any byte is an error, and so is more`() {
        let bytes = Self.written()
        for count in 0..<bytes.count {
            #expect(throws: RecordError.self, "\(count) bytes") { try Self.read(Array(bytes[..<count])) }
        }
        #expect(throws: RecordError(offset: -1)) { try Self.read(bytes + [0]) }
    }

    @Test(arguments: [-1, .min, .max, 3, 1 << 32, Int64.max - 7])
    func `a length that cannot be is an error, and nothing is made for it`(_ length: Int64) {
        var writer = RecordWriter()
        writer.put(length)
        var reader = RecordReader(writer.bytes + [1, 2])
        #expect(throws: RecordError(offset: 8)) { try reader.string() }
    }

    @Test func `what comes behind an error is an error too, or what stands there, but no trap`() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<5_000 {
            var reader = RecordReader((0..<Int(random.next() % 60)).map { _ in UInt8(random.next() & 3) })
            for _ in 0..<20 {
                if random.next() % 2 == 0 { _ = try? reader.number() } else { _ = try? reader.string() }
            }
        }
    }

    @Test func `nothing is at its end at once`() {
        var reader = RecordReader([])
        #expect(reader.isAtEnd)
        #expect(throws: RecordError(offset: 0)) { try reader.number() }
        #expect(throws: RecordError(offset: 0)) { try reader.string() }
    }
}
