// SPDX-License-Identifier: MIT
import Glibc
import Testing
import TestSupport

@testable import System

@Suite struct MemoryFileTests {
    @Test(arguments: [[], [[]], [[1]], [[1, 2], [], [3]], [numbered(0..<70_000), numbered(0..<65_536), [9]]])
    func `what was written is read, as often as wanted`(_ pieces: [[UInt8]]) throws {
        let file = try MemoryFile.make(name: "test", pieces)
        let whole = pieces.flatMap { $0 }
        for _ in 1...2 { #expect(try MemoryFile.read(file, maxBytes: 1 << 20) == whole) }
        #expect(fcntl(file.borrowed, F_GETFD) & FD_CLOEXEC != 0)
    }

    @Test func `another process that is passed the file reads it too`() throws {
        let file = try MemoryFile.make(name: "test", [[1, 2, 3]])
        let copy = try Descriptor(duplicating: file.borrowed)
        _ = try MemoryFile.read(file, maxBytes: 3)
        #expect(try MemoryFile.read(copy, maxBytes: 3) == [1, 2, 3])
    }

    @Test func `more than the limit is refused`() throws {
        let file = try MemoryFile.make(name: "test", [numbered(0..<1000)])
        #expect(try MemoryFile.read(file, maxBytes: 1000).count == 1000)
        #expect(throws: SystemError("read", subject: "memfd", code: EFBIG)) {
            try MemoryFile.read(file, maxBytes: 999)
        }
    }

    @Test func `a socket is no file`() throws {
        let socket = try Descriptor(ofUnconnectedSocket: ())
        #expect(throws: SystemError("lseek", subject: "memfd", code: ESPIPE)) {
            try MemoryFile.read(socket, maxBytes: 10)
        }
    }

    @Test func `what has been taken cannot be read`() throws {
        let file = try MemoryFile.make(name: "test", [[1]])
        _ = close(file.take())
        #expect(throws: SystemError("lseek", subject: "memfd", code: EBADF)) {
            try MemoryFile.read(file, maxBytes: 10)
        }
    }

    @Test func `a name that the kernel does not take is an error`() {
        #expect(throws: SystemError.self) { try MemoryFile.make(name: String(repeating: "x", count: 300), [[1]]) }
    }
}
