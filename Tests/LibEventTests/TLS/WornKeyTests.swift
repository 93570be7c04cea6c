// SPDX-License-Identifier: MIT
import LibEvent
import TestSupport
import Testing
import WireFormat

/// A key may protect a limited number of records (RFC 8446 section 5.5). In these tests the limit is low.
@Suite struct WornKeyTests {
    private let events = EventList()
    private static let maxRecordsPerKey: UInt64 = 64
    private static let bytes = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
    /// With two records each, these need more than three keys.
    private static let frames = 120

    /// Creates a server that sends a frame for each byte that it receives.
    private func makeServer() throws -> TestServer {
        let block = try makeBlock(Self.bytes)
        let events = events
        return try TestServer(tls: TestPairs.makeSwitch(), maxRecordsPerKey: Self.maxRecordsPerKey) { _ in
            .take { connection in
                let script = TakenScript(events)
                connection.delegate = script
                script.onReceived = { connection, input in
                    input.drop(input.count)
                    connection.send(PartRanges(0..<block.count), of: block)
                }
            }
        }
    }

    private static func ask(_ peer: OpenSSLPeer, frames: Int) throws {
        for _ in 0..<frames {
            try peer.write("x")
            #expect(try peer.read(bytes.count) == bytes)
        }
    }

    /// The stream was cut at the limit, after six days at 40 KB and ten frames a second.
    @Test(arguments: ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"])
    func `a stream goes on with new keys`(_ suite: String) throws {
        let server = try makeServer()
        let peer = try OpenSSLPeer(server.address, suite)
        try peer.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        try Self.ask(peer, frames: Self.frames)
    }

    /// The records that OpenSSL makes itself were not counted.
    @Test func `it goes on with new keys, too, after its peer has asked for some`() throws {
        let server = try makeServer()
        let peer = try OpenSSLPeer(server.address)
        try peer.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        try Self.ask(peer, frames: 3)
        try peer.askForNewKeys()
        try Self.ask(peer, frames: Self.frames)
    }

    /// RFC 8446 section 5.5: a connection has fewer record numbers than the number of records that a key may protect.
    @Test func `with ChaCha20 a key is good for all records there are`() throws {
        let server = try makeServer()
        let peer = try OpenSSLPeer(server.address, "TLS_CHACHA20_POLY1305_SHA256")
        try peer.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        try Self.ask(peer, frames: Self.frames)
    }

    /// TLS 1.2 cannot agree on new keys, and the limit was not enforced there.
    @Test func `with TLS 1.2 the connection ends with its key`() throws {
        let server = try makeServer()
        let peer = try OpenSSLPeer(server.address, isTLS12: true)
        try peer.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(throws: WaitError.self) { try Self.ask(peer, frames: Self.frames) }
        try eventually("the connection has ended") { try server.connectionCount() == 0 }
    }
}
