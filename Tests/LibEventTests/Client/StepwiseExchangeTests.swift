// SPDX-License-Identifier: MIT
import LibEvent
import System
import Testing
import WireFormat

@Suite(.timeLimit(.minutes(1)))
struct StepwiseExchangeTests {
    private let request = Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8)

    private func failure(_ answer: String, maxBodyBytes: Int = 1000) throws -> ClientError? {
        let peer = try ScriptedPeer(answer)
        let exchange = try peer.exchange()
        try exchange.send(request, method: "GET")
        do throws(ClientError) {
            _ = try exchange.receiveHead()
            _ = try exchange.receiveBody(maxBytes: maxBodyBytes)
            return nil
        } catch {
            return error
        }
    }

    @Test func `answers of known length follow each other on one connection`() throws {
        let peer = try ScriptedPeer(
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 204 No Content\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 413 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        let exchange = try peer.exchange()
        try exchange.send(request, method: "GET")
        let before = SystemClock.monotonic()
        let answer = try exchange.receiveHead()
        #expect(answer.head.status == 200)
        #expect(answer.receivedAt <= SystemClock.monotonic() && before <= answer.receivedAt)
        #expect(!exchange.isReusable)
        #expect(try exchange.receiveBody(maxBytes: 5) == Array("hello".utf8))
        #expect(exchange.isReusable)

        try exchange.send(request, method: "GET")
        #expect(try exchange.receiveHead().head.status == 204)
        #expect(try exchange.receiveBody(maxBytes: 0).isEmpty)

        try exchange.send(request, method: "GET")
        #expect(try exchange.receiveHead().head.status == 100)
        #expect(try exchange.receiveHead().head.status == 413)
        #expect(!exchange.isReusable)
    }

    @Test func `chunked coding is undone, and what follows stays`() throws {
        let peer = try ScriptedPeer(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;a=b\r\n world\r\n0\r\n\r\n",
            keepsOpen: true)
        let exchange = try peer.exchange()
        try exchange.send(request, method: "GET")
        _ = try exchange.receiveHead()
        #expect(try exchange.receiveBody(maxBytes: 11) == Array("hello world".utf8))
        #expect(exchange.isReusable)
        #expect(try exchange.receivePiece() == nil)
    }

    @Test func `a body without length goes on to the end of the connection`() throws {
        let peer = try ScriptedPeer("HTTP/1.1 200 OK\r\n\r\nall of it")
        let exchange = try peer.exchange()
        try exchange.send(request, method: "GET")
        _ = try exchange.receiveHead()
        #expect(try exchange.receiveBody(maxBytes: 100) == Array("all of it".utf8))
        #expect(!exchange.isReusable)
    }

    @Test func `what follows a switch of protocols comes as it is`() throws {
        let peer = try ScriptedPeer("HTTP/1.1 101 Switching Protocols\r\n\r\nraw", "more")
        let exchange = try peer.exchange()
        try exchange.send(request, method: "GET")
        #expect(try exchange.receiveHead().head.status == 101)
        #expect(try exchange.receivePiece()?.bytes == Array("raw".utf8))
        try exchange.sendMore([1])
        #expect(try exchange.receivePiece()?.bytes == Array("more".utf8))
        #expect(try exchange.receivePiece() == nil)
    }

    @Test func `an answer that breaks off, or is none, is an error`() throws {
        #expect(try failure("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell") == .endedEarly)
        #expect(try failure("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhell") == .endedEarly)
        #expect(try failure("HTTP/1.1 200 OK\r\n") == .endedEarly)
        #expect(try failure("HTTP/1.1 200 OK\n\n") == .badHead(.badLineEnd))
        #expect(try failure("SSH-2.0-x\r\n\r\n") == .badHead(.badStatusLine("SSH-2.0-x")))
        #expect(
            try failure("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\n") == .badBody(.badSizeLine))
    }

    @Test func `an answer larger than its limits is an error`() throws {
        #expect(
            try failure("HTTP/1.1 200 OK\r\n\r\nhello", maxBodyBytes: 4) == .tooLarge(limitBytes: 4))
        let long = "HTTP/1.1 200 OK\r\nx: \(String(repeating: "y", count: 5000))\r\n\r\n"
        #expect(try failure(long) == .tooLarge(limitBytes: 4096))
    }

    @Test func `a peer that says nothing is waited for no longer than agreed`() throws {
        let peer = try ScriptedPeer("HTTP/1.1 200 OK\r\n", keepsOpen: true)
        let exchange = try peer.exchange()
        exchange.connection.limits.head = .milliseconds(50)
        let before = SystemClock.monotonic()
        try exchange.send(request, method: "GET")
        #expect(throws: ClientError.timedOut(.head)) { try exchange.receiveHead() }
        #expect(SystemClock.monotonic() - before >= .milliseconds(50))
        #expect(throws: ClientError.timedOut(.head), "told again") { try exchange.receiveHead() }
    }

    @Test func `a peer that sends without end is waited for no longer than a silent one`() throws {
        let peer = try EndlessPeer("HTTP/1.1 100 Continue\r\n\r\n")
        let exchange = try makeExchange(with: peer.address)
        exchange.connection.limits.head = .milliseconds(100)
        try exchange.send(request, method: "GET")
        let before = SystemClock.monotonic()
        #expect(throws: ClientError.timedOut(.head)) {
            while true { _ = try exchange.receiveHead() }
        }
        #expect(SystemClock.monotonic() < before + .seconds(5))
    }

    @Test func `an exchange that was closed waits for nothing`() throws {
        let peer = try ScriptedPeer("", keepsOpen: true)
        let exchange = try peer.exchange()
        exchange.close()
        #expect(throws: ClientError.endedEarly) { try exchange.receiveHead() }
    }

    @Test func `an answer that comes before all is sent is read all the same`() throws {
        let peer = try ScriptedPeer(
            "HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno", keepsOpen: true)
        let exchange = try peer.exchange()
        try exchange.send(request + [UInt8](repeating: 0, count: 30_000_000), method: "POST")
        #expect(try exchange.receiveHead().head.status == 413)
        #expect(try exchange.receiveBody(maxBytes: 2) == Array("no".utf8))
        #expect(!exchange.isReusable)
    }
}
