// SPDX-License-Identifier: MIT
import Glibc
import System
import TestSupport
import Testing

@testable import LibEvent

@Suite struct PeerAddressTests {
    private static func peer(from host: String, of socket: ListenSocket) throws -> (PeerAddress, TestClient) {
        let port = try #require(socket.port)
        let acceptor = Acceptor(socket)
        let client = try TestClient(.tcp(host: host, port: port))
        return (PeerAddress(ofSocket: try acceptor.accept()), client)
    }

    private static func isPort(_ text: Substring) -> Bool { (1...65535).contains(Int(text) ?? 0) }

    @Test func `IPv4`() throws {
        let (peer, _) = try Self.peer(from: "127.0.0.1", of: .local())
        #expect(peer.text.hasPrefix("127.0.0.1:"))
        #expect(Self.isPort(peer.text.dropFirst("127.0.0.1:".count)))
        #expect(peer.isLocal)
        #expect(peer.key == .init(high: 0, low: 0x7F00_0001))
    }

    @Test func `every address of the loopback network is local and counts for itself`() throws {
        let socket = try ListenSocket.local("127.0.0.9")
        let (peer, _) = try Self.peer(from: "127.0.0.9", of: socket)
        #expect(peer.isLocal)
        #expect(peer.key?.low == 0x7F00_0001)
    }

    @Test(.enabled(if: hasIPv6)) func `IPv6`() throws {
        let (peer, _) = try Self.peer(from: "::1", of: .local("::1"))
        #expect(peer.text.hasPrefix("[::1]:"))
        #expect(Self.isPort(peer.text.dropFirst("[::1]:".count)))
        #expect(peer.isLocal)
        #expect(peer.key == .init(high: 0, low: .max))
    }

    @Test(.enabled(if: hasIPv6)) func `IPv4 over a listener of both families is the same peer as over its own`() throws
    {
        let (both, _) = try Self.peer(from: "127.0.0.1", of: .local("::"))
        let (own, _) = try Self.peer(from: "127.0.0.1", of: .local())
        #expect(both.text.hasPrefix("127.0.0.1:"))
        #expect(both.isLocal)
        #expect(both.key == own.key)
    }

    @Test(.enabled(if: hasIPv6)) func `IPv6 over a listener of both families`() throws {
        let (peer, _) = try Self.peer(from: "::1", of: .local("::"))
        #expect(peer.text.hasPrefix("[::1]:"))
        #expect(peer.isLocal)
    }

    @Test func `a unix socket's peer has no address and counts for nobody`() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("socket")
        let acceptor = Acceptor(try ListenSocket.unix(path: path))
        let client = try TestClient(.unix(path: path))
        let peer = PeerAddress(ofSocket: try acceptor.accept())
        #expect(peer == .unixSocket)
        #expect(peer.text == "unix")
        #expect(peer.key == nil)
        #expect(peer.isLocal)
        client.close()
    }

    @Test func `the ends of a pair are a unix socket's`() throws {
        let pair = try SocketPair()
        #expect(PeerAddress(ofSocket: pair.near) == .unixSocket)
    }

    @Test func `a peer that has gone is a foreign nobody`() throws {
        let socket = try ListenSocket.local()
        let port = try #require(socket.port)
        let acceptor = Acceptor(socket)
        let client = try TestClient(.tcp(host: "127.0.0.1", port: port))
        let accepted = try acceptor.accept()
        try client.reset()
        try eventually("the peer has gone") { !PeerAddress(ofSocket: accepted).isLocal }
        #expect(PeerAddress(ofSocket: accepted).text == "gone")
        #expect(PeerAddress(ofSocket: -1).text == "gone")
        #expect(PeerAddress(ofSocket: -1).isLocal == false)
    }

    @Test(arguments: [
        ("192.0.2.7", "192.0.2.7", false), ("127.8.9.10", "127.8.9.10", true), ("::1", "::1", true),
        ("2001:DB8:0:0::7", "2001:db8::7", false), ("::ffff:192.0.2.7", "192.0.2.7", false),
        ("::ffff:127.0.0.1", "127.0.0.1", true), ("0.0.0.0", "0.0.0.0", false),
    ])
    func `an address that a proxy tells has no port`(_ told: String, _ host: String, _ isLocal: Bool) throws {
        let peer = try #require(PeerAddress(host: told))
        #expect(peer.host == host)
        #expect(peer.text == host)
        #expect(peer.isLocal == isLocal)
        #expect(peer != .unixSocket)
    }

    @Test func `a told address counts as the same address that is connected`() throws {
        let (connected, _) = try Self.peer(from: "127.0.0.1", of: .local())
        #expect(PeerAddress(host: "127.0.0.1")?.key == connected.key)
        #expect(PeerAddress(host: "::ffff:127.0.0.1")?.key == connected.key)
        #expect(connected.host == "127.0.0.1")
        #expect(PeerAddress.unixSocket.host == "unix")
    }

    @Test func `of IPv6 the first half counts, of IPv4 the whole`() {
        #expect(PeerAddress(host: "2001:db8:1:2::1")?.key == PeerAddress(host: "2001:db8:1:2:ffff::9")?.key)
        #expect(PeerAddress(host: "2001:db8:1:2::1")?.key != PeerAddress(host: "2001:db8:1:3::1")?.key)
        #expect(PeerAddress(host: "192.0.2.1")?.key != PeerAddress(host: "192.0.2.2")?.key)
    }

    @Test(arguments: [
        "", " ", "unix", "gone", "unknown", "_hidden", "localhost", "1.2.3", "256.0.0.1", "192.0.2.7:80", "[::1]",
        "::1]", "fe80::1%lo", ":::", "0x7f.0.0.1", "192.0.2.7 ", "1:2:3:4:5:6:7:8:9",
    ])
    func `what is no numeric address is nobody`(_ told: String) {
        #expect(PeerAddress(host: told) == nil)
    }

    @Test func `a family's addresses are never counted with the other's`() {
        let four = PeerAddress.Key(high: 0, low: 1)
        let six = PeerAddress.Key(high: 0, low: .max)
        #expect(four != six)
    }
}
