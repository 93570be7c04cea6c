// SPDX-License-Identifier: MIT
import Glibc
import System
import TestSupport
import Testing

@testable import LibEvent

/// Sockets made by a service manager.
@Suite struct PassedListenSocketTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Returns a blocking socket as another program makes it, without any of our options.
    private static func socket(
        _ address: SocketAddress, _ family: Int32, _ type: __socket_type = SOCK_STREAM, isListening: Bool = true
    ) throws -> Descriptor {
        let number = Glibc.socket(family, Int32(type.rawValue), 0)
        guard number >= 0 else { throw SystemError("socket", code: errno) }
        let descriptor = Descriptor(owning: number)
        try address.bind(number, "test")
        if isListening { try #require(listen(number, 5) == 0) }
        return descriptor
    }

    private static func tcp(_ host: String = "127.0.0.1", isListening: Bool = true) throws -> Descriptor {
        let isIPv6 = host.contains(":")
        return try socket(
            SocketAddress(host: host, port: 0, isIPv6: isIPv6), isIPv6 ? AF_INET6 : AF_INET, isListening: isListening)
    }

    private static func take(_ passed: Descriptor) throws(SystemError) -> ListenSocket {
        try .passed(passed, name: "systemd (http)", stallTimeout: .milliseconds(12_345))
    }

    private static func expectRefusal(_ passed: Descriptor, _ code: Int32) {
        #expect(throws: SystemError("accept from", subject: "systemd (http)", code: code)) { try take(passed) }
    }

    @Test func `a TCP socket is told with its address, and belongs to who has asked`() throws {
        let passed = try Self.tcp()
        let number = passed.borrowed
        let socket = try Self.take(passed)
        let port = try #require(socket.port)
        #expect(port > 0)
        #expect(socket.address == "127.0.0.1:\(port)")
        #expect(passed.borrowed == -1)
        // A loop must not hang in accept if another process was faster.
        #expect(fcntl(number, F_GETFL) & O_NONBLOCK != 0)
        let acceptor = Acceptor(socket)
        #expect(acceptor.acceptNow() == nil)
    }

    @Test func `accepted connections get what our own listeners give them`() throws {
        let socket = try Self.take(Self.tcp())
        let acceptor = Acceptor(socket)
        let client = try TestClient(.tcp(host: "127.0.0.1", port: try #require(socket.port)))
        let accepted = try acceptor.accept()
        let tcp = Int32(IPPROTO_TCP)
        #expect(Acceptor.option(tcp, TCP_NODELAY, of: accepted) == 1)
        #expect(Acceptor.option(SOL_SOCKET, SO_KEEPALIVE, of: accepted) == 1)
        #expect(Acceptor.option(tcp, TCP_USER_TIMEOUT, of: accepted) == 12_345)
        #expect(Acceptor.option(tcp, TCP_NOTSENT_LOWAT, of: accepted) == 16384)
        client.close()
    }

    @Test(.enabled(if: hasIPv6), arguments: ["::1", "::"])
    func `an IPv6 address stands in brackets`(_ host: String) throws {
        let socket = try Self.take(Self.tcp(host))
        #expect(socket.address == "[\(host)]:\(try #require(socket.port))")
    }

    @Test func `a unix socket is told with its path, and its file stays the manager's`() throws {
        let path = folder.file("socket")
        let socket = try Self.take(Self.socket(SocketAddress(path: path), AF_UNIX))
        #expect(socket.address == "unix:\(path)")
        #expect(socket.port == nil)
        let copy = try socket.duplicate()
        socket.removeFile()
        #expect(TemporaryFolder.exists(path))
        let acceptor = Acceptor(copy)
        let client = try TestClient(.unix(path: path))
        _ = try acceptor.accept()
        client.close()
    }

    @Test func `an abstract unix socket is told with an at sign`() throws {
        let name = "@evrelay-test-\(ProcessControl.randomNumber())"
        let socket = try Self.take(Self.socket(SocketAddress(path: name), AF_UNIX))
        #expect(socket.address == "unix:\(name)")
    }

    @Test func `a socket that does not listen is refused`() throws {
        Self.expectRefusal(try Self.tcp(isListening: false), EINVAL)
        // A connected socket, such as Accept=yes passes.
        let pair = try SocketPair()
        Self.expectRefusal(try Descriptor(duplicating: pair.near), EINVAL)
    }

    @Test func `a socket of another kind is refused`() throws {
        let any = try SocketAddress(host: "127.0.0.1", port: 0, isIPv6: false)
        Self.expectRefusal(try Self.socket(any, AF_INET, SOCK_DGRAM, isListening: false), EINVAL)
        let path = try SocketAddress(path: folder.file("datagrams"))
        Self.expectRefusal(try Self.socket(path, AF_UNIX, SOCK_DGRAM, isListening: false), EINVAL)
        let packets = try SocketAddress(path: folder.file("packets"))
        Self.expectRefusal(try Self.socket(packets, AF_UNIX, SOCK_SEQPACKET), EINVAL)
    }

    @Test func `what is no socket is refused, and stays its owner's`() throws {
        let file = try MemoryFile.make(name: "test", [[1]])
        Self.expectRefusal(file, ENOTSOCK)
        #expect(try MemoryFile.read(file, maxBytes: 10) == [1])
        let taken = try Self.tcp()
        _ = close(taken.take())
        Self.expectRefusal(taken, ENOTSOCK)
    }
}
