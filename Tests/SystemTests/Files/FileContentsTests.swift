// SPDX-License-Identifier: MIT
import Glibc
import System
import Testing
import TestSupport

@Suite struct FileContentsTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test(arguments: [0, 1, 65535, 65536, 65537, 200_000]) func `a file is read whole`(_ count: Int) throws {
        let path = try folder.write(numbered(0..<count), to: "file")
        #expect(try FileContents.read(path: path, maxBytes: 200_000) == numbered(0..<count))
    }

    @Test func `a file may be exactly as large as the limit`() throws {
        let path = try folder.write(numbered(0..<70_000), to: "file")
        #expect(try FileContents.read(path: path, maxBytes: 70_000).count == 70_000)
        #expect(throws: SystemError("read", subject: path, code: EFBIG)) {
            try FileContents.read(path: path, maxBytes: 69_999)
        }
        #expect(throws: SystemError("read", subject: path, code: EFBIG)) {
            try FileContents.read(path: path, maxBytes: 0)
        }
    }

    @Test func `a file whose size the system does not tell is read too`() throws {
        let bytes = try FileContents.read(path: "/proc/self/status", maxBytes: 65536)
        #expect(String(decoding: bytes, as: UTF8.self).contains("VmRSS:"))
    }

    @Test func `what is missing, a folder and a device are refused`() throws {
        let missing = folder.file("missing")
        #expect(throws: SystemError("open", subject: missing, code: ENOENT)) {
            try FileContents.read(path: missing, maxBytes: 100)
        }
        #expect(throws: SystemError("read", subject: folder.path, code: EISDIR)) {
            try FileContents.read(path: folder.path, maxBytes: 100)
        }
        #expect(throws: SystemError.self) { try FileContents.read(path: "/dev/zero", maxBytes: 100) }
        #expect(throws: SystemError.self) { try FileContents.read(path: "", maxBytes: 100) }
    }

    @Test func `a pipe that nobody writes to does not hold the reader up`() throws {
        let path = folder.file("pipe")
        try #require(unsafe mkfifo(path, 0o600) == 0)
        #expect(throws: SystemError.self) { try FileContents.read(path: path, maxBytes: 100) }
    }

    @Test func `a folder is readable, anything else is none`() throws {
        #expect(FileContents.isReadableDirectory(folder.path))
        #expect(FileContents.isReadableDirectory(folder.path + "/"))
        let file = try folder.write([], to: "file")
        #expect(!FileContents.isReadableDirectory(file))
        #expect(!FileContents.isReadableDirectory(folder.file("missing")))
        #expect(!FileContents.isReadableDirectory(""))
    }
}
