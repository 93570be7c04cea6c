// SPDX-License-Identifier: MIT
import Glibc
import System
import TestSupport
import Testing

@testable import LibEvent

@Suite struct ListenSocketTests {
    @Test func `port 0 becomes a free port that is told`() throws {
        let one = try ListenSocket.local()
        let other = try ListenSocket.local()
        let port = try #require(one.port)
        #expect(port > 0)
        #expect(port != other.port)
        #expect(one.address == "127.0.0.1:\(port)")
        let acceptor = Acceptor(one)
        let client = try TestClient(.tcp(host: "127.0.0.1", port: port))
        _ = try acceptor.accept()
        client.close()
    }

    @Test(.enabled(if: hasIPv6)) func `an IPv6 address stands in brackets`() throws {
        let socket = try ListenSocket.local("::1")
        #expect(socket.address == "[::1]:\(try #require(socket.port))")
    }

    @Test func `a port in use is refused, by its address`() throws {
        let first = try ListenSocket.local()
        let port = try #require(first.port)
        let error = try #require(throws: SystemError.self) { try ListenSocket.local(port: port) }
        #expect(error.isAddressInUse)
        #expect(error.subject == "127.0.0.1:\(port)")
    }

    @Test func `a port that another program offers to share is refused too`() throws {
        let other = try ListenSocket.local(isJoining: true)
        let port = try #require(other.port)
        for host in ["127.0.0.1", "0.0.0.0"] + (hasIPv6 ? ["::"] : []) {
            let error = try #require(throws: SystemError.self) { try ListenSocket.local(host, port: port) }
            #expect(error.isAddressInUse)
        }
        withExtendedLifetime(other) {}
    }

    @Test func `a port is free again as soon as its socket has gone`() throws {
        var first: ListenSocket? = try .local()
        let port = try #require(first?.port)
        first = nil
        #expect(try ListenSocket.local(port: port).port == port)
    }

    @Test func `sockets that join share the port, and connections spread over them`() throws {
        let first = try ListenSocket.local()
        let port = try #require(first.port)
        let acceptors = [
            Acceptor(first), Acceptor(try .local(port: port, isJoining: true)),
            Acceptor(try .local(port: port, isJoining: true)),
        ]
        var clients: [TestClient] = []
        for _ in 0..<96 { clients.append(try TestClient(.tcp(host: "127.0.0.1", port: port))) }
        var counts = [0, 0, 0]
        try eventually("96 accepted connections") {
            for (index, acceptor) in acceptors.enumerated() where acceptor.acceptNow() != nil { counts[index] += 1 }
            return counts.reduce(0, +) == 96
        }
        // The kernel spreads by a hash: that one of three gets none is less likely than 1 in 10^16.
        #expect(counts.allSatisfy { $0 > 0 }, "\(counts)")
        for client in clients { client.close() }
    }

    @Test func `accepted sockets inherit what keeps latency low and finds vanished peers`() throws {
        let socket = try ListenSocket.tcp(
            host: "127.0.0.1", port: 0, isJoining: false, stallTimeout: .milliseconds(12_345))
        let port = try #require(socket.port)
        let acceptor = Acceptor(socket)
        let client = try TestClient(.tcp(host: "127.0.0.1", port: port))
        let accepted = try acceptor.accept()
        let tcp = Int32(IPPROTO_TCP)
        #expect(Acceptor.option(tcp, TCP_NODELAY, of: accepted) == 1)
        #expect(Acceptor.option(SOL_SOCKET, SO_KEEPALIVE, of: accepted) == 1)
        #expect(Acceptor.option(tcp, TCP_USER_TIMEOUT, of: accepted) == 12_345)
        #expect(Acceptor.option(tcp, TCP_NOTSENT_LOWAT, of: accepted) == 16384)
        client.close()
    }

    @Test(arguments: ["localhost", "", "256.0.0.1", "127.0.0.1x", "fe80::1%lo", "1.2.3"])
    func `what is no numeric address is refused`(_ host: String) {
        #expect(throws: SystemError.self) { try ListenSocket.local(host) }
    }

    @Test func `an address that this machine does not have is told as that`() throws {
        let error = try #require(throws: SystemError.self) { try ListenSocket.local("192.0.2.1") }
        #expect(error.isAddressUnavailable)
    }

    @Test func `a duplicate accepts from the same socket`() throws {
        let socket = try ListenSocket.local()
        let port = try #require(socket.port)
        let copy = try socket.duplicate()
        #expect(copy.address == socket.address)
        #expect(copy.port == port)
        let acceptors = [Acceptor(socket), Acceptor(copy)]
        let clients = try (0..<4).map { _ in try TestClient(.tcp(host: "127.0.0.1", port: port)) }
        for number in 0..<4 { _ = try acceptors[number % 2].accept() }
        for client in clients { client.close() }
    }
}
