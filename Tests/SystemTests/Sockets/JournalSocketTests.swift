// SPDX-License-Identifier: MIT
import Glibc
import System
import Testing
import TestSupport

@Suite struct JournalSocketTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Returns a datagram socket bound to `path`, like the journal's.
    private func journal(_ path: String) throws -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        // Safe: bind reads the address, whose size is given.
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(result == 0)
        return descriptor
    }

    private func received(_ descriptor: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 65536)
        // Safe: recv writes at most as many bytes as the array has.
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe recv(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
        }
        return count < 0 ? nil : Array(bytes[..<count])
    }

    @Test func `each entry arrives as one datagram`() throws {
        let path = folder.file("journal")
        let listener = try journal(path)
        defer { close(listener) }
        let socket = try JournalSocket(path: path)
        #expect(socket.send(numbered(0..<10_000)))
        #expect(socket.send(Array("A=1\n".utf8)))
        #expect(received(listener) == numbered(0..<10_000))
        #expect(received(listener) == Array("A=1\n".utf8))
        #expect(received(listener) == nil)
    }

    @Test func `an entry longer than a datagram may be is not taken`() throws {
        let path = folder.file("journal")
        let listener = try journal(path)
        defer { close(listener) }
        #expect(try !JournalSocket(path: path).send([UInt8](repeating: 0, count: 64 << 20)))
        #expect(received(listener) == nil)
    }

    @Test func `a journal that does not read is not waited for`() throws {
        let path = folder.file("journal")
        let listener = try journal(path)
        defer { close(listener) }
        let socket = try JournalSocket(path: path)
        let entry = [UInt8](repeating: 0x61, count: 60_000)
        #expect((0..<10_000).contains { _ in !socket.send(entry) })
    }

    @Test func `a journal that is gone takes nothing and ends nobody`() throws {
        let path = folder.file("journal")
        let listener = try journal(path)
        let socket = try JournalSocket(path: path)
        close(listener)
        #expect(!socket.send([0x61]))
    }

    @Test func `without a journal there is no connection`() throws {
        let missing = folder.file("missing")
        #expect(throws: SystemError("connect", subject: missing, code: ENOENT)) { try JournalSocket(path: missing) }
        let long = "/" + String(repeating: "x", count: 200)
        #expect(throws: SystemError.self) { try JournalSocket(path: long) }
    }
}
