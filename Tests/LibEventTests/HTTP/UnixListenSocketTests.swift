// SPDX-License-Identifier: MIT
import Glibc
import System
import TestSupport
import Testing

@testable import LibEvent

@Suite struct UnixListenSocketTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Returns true if a client can connect and is accepted.
    private static func works(_ socket: ListenSocket, _ path: String) throws -> Bool {
        let acceptor = Acceptor(socket)
        let client = try TestClient(.unix(path: path))
        defer { client.close() }
        return try acceptor.accept() >= 0
    }

    /// Returns a socket of another kind bound to `path`. The caller closes it.
    private static func datagramSocket(at path: String) throws -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        try SocketAddress(path: path).bind(descriptor, path)
        return descriptor
    }

    @Test func `a path is listened on, without a port`() throws {
        let path = folder.file("socket")
        let socket = try ListenSocket.unix(path: path)
        #expect(socket.address == "unix:\(path)")
        #expect(socket.port == nil)
        #expect(try Self.works(socket, path))
    }

    @Test func `a socket that a process left behind is replaced`() throws {
        let path = folder.file("socket")
        var first: ListenSocket? = try .unix(path: path)
        withExtendedLifetime(first) {}
        first = nil
        #expect(TemporaryFolder.exists(path))
        #expect(try Self.works(.unix(path: path), path))
    }

    @Test func `a socket in use is refused and goes on working`() throws {
        let path = folder.file("socket")
        let first = try ListenSocket.unix(path: path)
        let error = try #require(throws: SystemError.self) { try ListenSocket.unix(path: path) }
        #expect(error.isAddressInUse)
        #expect(error.subject == "unix:\(path)")
        #expect(try Self.works(first, path))
    }

    @Test func `another program's socket of another kind is in use too`() throws {
        let path = folder.file("socket")
        let other = try Self.datagramSocket(at: path)
        defer { _ = close(other) }
        #expect(throws: SystemError.self) { try ListenSocket.unix(path: path) }
        let probe = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { _ = close(probe) }
        #expect(try SocketAddress(path: path).connects(probe))
    }

    @Test func `an ordinary file, a folder, a pipe and a link are refused and stay`() throws {
        let target = folder.file("socket")
        let live = try ListenSocket.unix(path: target)
        let file = try folder.write([1, 2, 3], to: "file")
        let (directory, pipe, link) = (folder.file("directory"), folder.file("pipe"), folder.file("link"))
        try #require(unsafe mkdir(directory, 0o700) == 0)
        try #require(unsafe mkfifo(pipe, 0o600) == 0)
        try #require(unsafe symlink(target, link) == 0)
        for path in [file, directory, pipe, link] {
            #expect(throws: SystemError("bind", subject: "unix:\(path)", code: EEXIST)) {
                try ListenSocket.unix(path: path)
            }
            #expect(TemporaryFolder.exists(path))
        }
        #expect(try FileContents.read(path: file, maxBytes: 10) == [1, 2, 3])
        #expect(try Self.works(live, target))
    }

    @Test func `a path of 107 bytes fits and one of 108 does not`() throws {
        let longest = String(repeating: "x", count: 107 - folder.path.utf8.count - 1)
        let path = folder.file(longest)
        #expect(path.utf8.count == 107)
        #expect(try Self.works(.unix(path: path), path))
        let error = try #require(throws: SystemError.self) { try ListenSocket.unix(path: path + "x") }
        #expect(error.code == ENAMETOOLONG)
    }

    @Test func `an empty path and one with NUL are refused`() {
        for path in ["", "/tmp/a\u{0}b"] { #expect(throws: SystemError.self) { try ListenSocket.unix(path: path) } }
    }

    @Test func `a folder that is not there is told`() throws {
        let error = try #require(throws: SystemError.self) {
            try ListenSocket.unix(path: folder.file("missing") + "/socket")
        }
        #expect(error.code == ENOENT)
    }

    @Test func `the file is removed when asked, unless another process has put its own there`() throws {
        let path = folder.file("socket")
        let first = try ListenSocket.unix(path: path)
        first.removeFile()
        #expect(!TemporaryFolder.exists(path))
        first.removeFile()
        let second = try ListenSocket.unix(path: path)
        first.removeFile()
        #expect(TemporaryFolder.exists(path))
        #expect(try Self.works(second, path))
        #expect(try ListenSocket.local().port != nil)
        try ListenSocket.local().removeFile()
    }
}
