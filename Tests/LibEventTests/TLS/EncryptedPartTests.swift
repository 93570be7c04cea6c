// SPDX-License-Identifier: MIT
import Crypto
import LibEvent
import Synchronization
import Testing
import TestSupport

@testable import WireFormat

/// Parts of every size around the limits of records, in one to three ranges, to fast and to slow peers.
@Suite struct EncryptedPartTests {
    /// Sizes around multiples of 16,384 bytes, which a record holds.
    private static let sizes = [
        1, 2, 100, 16_383, 16_384, 16_385, 16_484, 32_767, 32_768, 32_769, 40_000, 131_072, 131_073, 400_000,
    ]
    private static let tail = Array("the end".utf8)

    /// Sends the parts one after another, each when the one before is out, and `tail` after the last.
    private final class Sender: TakenConnectionDelegate {
        private let block: SharedBytes
        private var parts: [PartRanges]

        init(_ block: SharedBytes, _ parts: [PartRanges]) {
            self.block = block
            self.parts = parts
        }

        func begin(_ connection: TakenConnection) {
            connection.delegate = self
            connection.startStream(HTTPResponse(200), opening: [])
            sendMore(connection)
        }

        private func sendMore(_ connection: TakenConnection) {
            while !connection.isPending, !parts.isEmpty {
                connection.send(parts.removeFirst(), of: block)
                // Also after a part of which a record is cut.
                if parts.isEmpty {
                    connection.write(EncryptedPartTests.tail)
                    connection.closeWhenDrained()
                }
            }
        }

        func connection(_ connection: TakenConnection, received input: InputBuffer) {}
        func connectionDrained(_ connection: TakenConnection) { sendMore(connection) }
        func connectionDeadlinePassed(_ connection: TakenConnection) {}
        func connectionClosed(_ connection: TakenConnection, reason: CloseReason) {}
    }

    private static func parts() -> [PartRanges] {
        sizes.flatMap { size in
            var middle = PartRanges()
            // Ranges that are not contiguous, like those of a part of the browser form.
            for range in [0..<size / 10, size / 10 + 7..<size + 7, size + 9..<size + 30] { middle.append(range) }
            var two = PartRanges()
            for range in [3..<40, 50..<50 + size] { two.append(range) }
            return [PartRanges(5..<5 + size), two, middle]
        }
    }

    @Test(arguments: ClientTLS.Version.allCases, [nil, 4_096])
    func `the bytes arrive as they were sent`(_ version: ClientTLS.Version, _ receiveBufferBytes: Int?) throws {
        let bytes = (0..<401_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
        let parts = Self.parts()
        let server = try TestServer(tls: TestPairs.makeSwitch()) { _ in
            .take { connection in
                guard let block = try? makeBlock(bytes) else { return connection.close() }
                Sender(block, parts).begin(connection)
            }
        }
        let client = try server.connect(receiveBufferBytes: receiveBufferBytes, tls: ClientTLS(version))
        // Slow enough that the kernel sometimes takes parts of records.
        if receiveBufferBytes != nil { client.bytesPerSecond = 8_000_000 }
        try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try client.readHead().status == 200)
        for part in parts {
            for index in 0..<part.count {
                let range = part[index]
                let got = try client.read(range.count)
                try #require(areSame(got[...], bytes[range]), "\(part)")
            }
        }
        // This also expects TLS's goodbye.
        #expect(try client.readToEnd() == Self.tail)
        #expect(server.handshakes == [.full])
    }

    /// OpenSSL gives its keys away through undocumented controls. If a later version does not, only the cost shows it.
    @Test(
        arguments: zip(
            ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", nil],
            [TLSEncryption.evrelay, .evrelay, .openssl, .openssl]))
    func `this OpenSSL leaves the encryption to the relay wherever that can do it`(
        _ suite: String?, _ who: TLSEncryption
    ) throws {
        let server = try TestServer(tls: TestPairs.makeSwitch(), TestServer.answersOrHolds)
        let peer =
            try suite.map { try OpenSSLPeer(server.address, $0) } ?? OpenSSLPeer(server.address, isTLS12: true)
        try peer.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try peer.read(12) == Array("HTTP/1.1 200".utf8))
        #expect(server.encryptions == [who])
    }

    @Test(arguments: [1, 100, 16_384, 40_000, 200_000, 1_000_000])
    func `requests come whole, however much of them OpenSSL holds back`(_ size: Int) throws {
        let server = try TestServer(tls: TestPairs.makeSwitch()) { head in
            .take { connection in
                let script = TakenScript(EventList())
                let missing = Mutex(head.contentLength ?? 0)
                script.onReceived = { connection, input in
                    let left = missing.withLock { missing in
                        let taken = min(missing, input.count)
                        input.drop(taken)
                        missing -= taken
                        return missing
                    }
                    if left == 0 { connection.respond(HTTPResponse(200, body: .bytes(Array("\(size)".utf8)))) }
                }
                connection.delegate = script
            }
        }
        let client = try server.connect(tls: ClientTLS())
        let request = Array("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \(size)\r\n\r\n".utf8)
        let bodies = [UInt8](repeating: 7, count: size)
        try client.send(request + bodies + request + bodies + request + bodies)
        for _ in 0..<3 { #expect(try client.readResponse(to: "POST").body == Array("\(size)".utf8)) }
    }

    @Test func `HTTP where TLS is spoken is answered in HTTP`() throws {
        let server = try TestServer(tls: TestPairs.makeSwitch()) { _ in .answerAndClose(HTTPResponse(200)) }
        let client = try server.connect()
        try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        let answer = try client.readResponse()
        #expect(answer.status == 400)
        #expect(String(decoding: answer.body, as: UTF8.self) == "plainOnTLS")
        try client.waitForEnd()
        #expect(server.refusals == [.plainOnTLS])
        #expect(server.handshakes == [.failed])
    }

    @Test func `a handshake that does not end in time ends its connection`() throws {
        var limits = TestServer.limits
        limits.headerTimeout = .milliseconds(300)
        let server = try TestServer(limits: limits, tls: TestPairs.makeSwitch()) { _ in
            .answerAndClose(HTTPResponse(200))
        }
        let client = try server.connect()
        // The beginning of a ClientHello of 512 bytes.
        try client.send([22, 3, 1, 2, 0, 1, 0, 1, 252])
        try client.waitForEnd()
        #expect(server.failures == [.handshakeFailed] && server.refusals == [])
        #expect(server.handshakes == [.failed])
    }

    @Test func `who is one too many is told so over TLS, too`() throws {
        let server = try TestServer(
            budget: ConnectionBudget(maxConnections: 1, maxPerAddress: 5), tls: TestPairs.makeSwitch(),
            TestServer.answersOrHolds)
        let first = try server.connect(tls: ClientTLS())
        try server.hold(first, count: 1)
        let second = try server.connect(tls: ClientTLS())
        #expect(try second.readResponse().status == 503)
        first.close()
    }
}

/// Returns a block that holds `bytes`.
func makeBlock(
    _ bytes: [UInt8], countedIn ledger: ByteLedger = ByteLedger(limitBytes: 1 << 24)
) throws -> SharedBytes {
    let made = BlockBuilder(prefixByteCount: 0, bodyByteCount: bytes.count, suffixByteCount: 0, countedIn: ledger)
    let builder = try #require(made)
    builder.fill(from: bytes)
    return try #require(builder.finish(prefix: [], suffix: []))
}
