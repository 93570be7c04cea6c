// SPDX-License-Identifier: MIT
import Crypto
import LibEvent
import Synchronization
import Testing
import TestSupport

@testable import WireFormat

/// Bytes written while others are on their way keep their order.
@Suite struct EncryptedOrderTests {
    private let events = EventList()

    /// Creates a server that takes a connection, writes "a" through libevent, and blocks its loop until the peer has
    /// sent something. So one turn of the loop writes "a" and hears of the peer, and only then libevent reports that
    /// "a" is out.
    private func serve(
        _ hasSpoken: Flag, _ prepare: @escaping @Sendable (TakenScript) -> Void
    ) throws -> TestServer {
        let events = events
        return try TestServer(tls: TestPairs.makeSwitch()) { _ in
            .take { connection in
                let script = TakenScript(events)
                connection.delegate = script
                prepare(script)
                connection.startStream(HTTPResponse(200), opening: [])
                connection.write(Array("a".utf8))
                try? eventually("the peer speaks") { hasSpoken.value.load(ordering: .acquiring) }
            }
        }
    }

    private func speak(to server: TestServer, _ hasSpoken: Flag) throws -> TestClient {
        let client = try server.connect(tls: ClientTLS())
        try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try client.readHead().status == 200)
        try client.send("x")
        hasSpoken.value.store(true, ordering: .releasing)
        return client
    }

    /// With TLS, libevent reports some callbacks late that everything is out. Bytes written in between were overtaken
    /// by those that the owner sent after the report.
    @Test func `what is written between the last byte's way out and the word of it is not overtaken`() throws {
        let block = try makeBlock(Array("c".utf8))
        let hasSpoken = Flag()
        let server = try serve(hasSpoken) { script in
            script.onReceived = { connection, input in
                input.drop(input.count)
                connection.write(Array("b".utf8))
            }
            script.onDrained = { connection in
                connection.send(PartRanges(0..<1), of: block)
                connection.closeWhenDrained()
            }
        }
        #expect(try speak(to: server, hasSpoken).readToEnd() == Array("abc".utf8))
    }

    /// In the same interval the connection was closed, and the bytes written last were lost.
    @Test func `what is written between the last byte's way out and the word of it is not lost at the end`() throws {
        let hasSpoken = Flag()
        let server = try serve(hasSpoken) { script in
            script.onReceived = { connection, input in
                input.drop(input.count)
                connection.write(Array("the end".utf8))
                connection.closeWhenDrained()
            }
        }
        #expect(try speak(to: server, hasSpoken).readToEnd() == Array("athe end".utf8))
    }

    /// OpenSSL did not know of the record that was cut. It tried to answer the peer's new keys in the middle of it, and
    /// gave the connection up. With ChaCha20, OpenSSL makes all records.
    @Test(arguments: ["TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"])
    func `a peer that asks for new keys gets the rest of a cut record first`(_ suite: String) throws {
        let bytes = (0..<8_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
        let block = try makeBlock(bytes)
        let events = events
        let server = try TestServer(tls: TestPairs.makeSwitch()) { _ in
            .take { connection in
                let script = TakenScript(events)
                connection.delegate = script
                connection.send(PartRanges(0..<block.count), of: block)
                events.add("cut")
                script.onReceived = { _, input in input.drop(input.count) }
                script.onDrained = { $0.close() }
            }
        }
        let client = try OpenSSLPeer(server.address, receiveBufferBytes: 4096, suite)
        try client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        // Nothing is read before, or the loop would continue to write, and OpenSSL would hear of the record.
        try events.wait(for: "cut")
        try client.askForNewKeys()
        try client.write("x")
        try events.wait(for: "received x")
        #expect(try client.read(bytes.count) == bytes)
    }
}

/// A flag that closures can share.
private final class Flag: Sendable {
    let value = Atomic<Bool>(false)
}
