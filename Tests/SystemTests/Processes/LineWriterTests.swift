// SPDX-License-Identifier: MIT
import Glibc
import System
import Testing

/// The loop that had something to say wrote it to standard error itself. If nothing read it (a full pipe, or a terminal
/// stopped with Ctrl-S), that loop stopped permanently after some 262 visitors.
@Suite struct LineWriterTests {
    /// A pipe of the smallest size.
    private struct Pipe {
        let reader: Int32
        let writer: Int32

        init() throws {
            var ends: [Int32] = [0, 0]
            try #require(unsafe pipe(&ends) == 0)
            reader = ends[0]
            writer = ends[1]
            // F_SETPIPE_SZ of Linux' fcntl.h, which Glibc declares with _GNU_SOURCE only.
            try #require(fcntl(writer, 1031, 4096) >= 4096)
        }

        /// Reads everything up to the end.
        func rest() -> [UInt8] {
            var all: [UInt8] = []
            var bytes = [UInt8](repeating: 0, count: 65536)
            // Safe: read writes at most as many bytes as the array has.
            while case let count = unsafe read(reader, &bytes, bytes.count), count > 0 { all += bytes[..<count] }
            return all
        }
    }

    private static func writer(_ pipe: Pipe, maxPendingBytes: Int) throws -> LineWriter {
        try LineWriter(to: pipe.writer, maxPendingBytes: maxPendingBytes) { Array("lost \($0)\n".utf8) }
    }

    @Test func `lines come out whole and in order, and everything before the end`() throws {
        let pipe = try Pipe()
        let writer = try Self.writer(pipe, maxPendingBytes: 1 << 20)
        var wanted: [UInt8] = []
        for number in 0..<20 {
            writer.write(Array("line \(number)\n".utf8))
            wanted += Array("line \(number)\n".utf8)
        }
        #expect(writer.flush(within: .seconds(10)))
        #expect(writer.lostLines == 0)
        writer.close()
        close(pipe.writer)
        #expect(pipe.rest() == wanted)
        close(pipe.reader)
    }

    @Test func `where nobody reads nobody waits, and the number of lost lines comes in their place`() throws {
        let pipe = try Pipe()
        let filling = [UInt8](repeating: 0x78, count: 4095) + [10]
        try #require(unsafe write(pipe.writer, filling, 4096) == 4096)
        let writer = try Self.writer(pipe, maxPendingBytes: 2000)
        let begun = SystemClock.monotonic()
        for number in 0..<5000 { writer.write(Array("line number \(number)\n".utf8)) }
        #expect(SystemClock.monotonic() - begun < .seconds(5))
        #expect(!writer.flush(within: .milliseconds(50)))
        let lost = writer.lostLines
        #expect(lost > 4000 && lost < 5000)

        let end = pipe.writer
        let closing = try LoopThread(name: "closes") {
            writer.close()
            close(end)
        }
        let lines = String(decoding: pipe.rest().dropFirst(4096), as: UTF8.self).split(separator: "\n").map {
            String($0)
        }
        closing.join()
        close(pipe.reader)
        // Received lines, and lines that count the lost ones: together all of them, in their order.
        var number = 0
        for line in lines {
            if line.hasPrefix("lost ") {
                number += try #require(Int(line.dropFirst(5)))
            } else {
                #expect(line == "line number \(number)")
                number += 1
            }
        }
        #expect(number == 5000)
        #expect(lines.last?.hasPrefix("lost ") == true)
        #expect(writer.lostLines == lost)
    }

    @Test(arguments: [(99, 0), (100, 0), (101, 1)])
    func `the queue takes what fits, to the byte`(_ bytes: Int, _ lost: Int) throws {
        let pipe = try Pipe()
        let writer = try Self.writer(pipe, maxPendingBytes: 100)
        writer.write([UInt8](repeating: 0x61, count: bytes - 1) + [10])
        #expect(writer.flush(within: .seconds(10)))
        #expect(writer.lostLines == lost)
        writer.close()
        close(pipe.writer)
        let text = String(decoding: pipe.rest(), as: UTF8.self)
        #expect(text == (lost == 0 ? String(repeating: "a", count: bytes - 1) + "\n" : "lost 1\n"))
        close(pipe.reader)
    }

    @Test func `a description that somebody made non-blocking loses nothing`() throws {
        let pipe = try Pipe()
        #expect(fcntl(pipe.writer, F_SETFL, O_NONBLOCK) == 0)
        let writer = try Self.writer(pipe, maxPendingBytes: 1 << 20)
        for _ in 0..<1000 { writer.write([UInt8](repeating: 0x62, count: 99) + [10]) }
        let end = pipe.writer
        let closing = try LoopThread(name: "closes") {
            writer.close()
            close(end)
        }
        #expect(pipe.rest().count == 100_000)
        closing.join()
        close(pipe.reader)
        #expect(writer.lostLines == 0)
    }
}
