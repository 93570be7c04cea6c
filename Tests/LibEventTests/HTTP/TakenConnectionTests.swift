// SPDX-License-Identifier: MIT
import LibEvent
import Synchronization
import TestSupport
import Testing
import WireFormat

@Suite struct TakenConnectionTests {
    private let events = EventList()
    private static let request = "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"
    private static let ok = HTTPResponse(200, body: .bytes(Array("ok".utf8)))

    private func waitUntilForgotten(_ server: TestServer) throws {
        try eventually("the connection is forgotten, after \(events.all)") { try server.connectionCount() == 0 }
        #expect(server.budget.openConnections == 0)
    }

    // MARK: - Streams

    @Test func `a stream's head and opening go out at once, then what is written, then the end`() throws {
        let server = try TestServer.taking(events) { connection, _ in
            connection.startStream(
                HTTPResponse(200, headers: [("Content-Type", "text/plain")]), opening: Array("--x\r\n".utf8))
            connection.write(Array("one".utf8))
            connection.write([])
            connection.write(Array("two".utf8))
            connection.closeWhenDrained()
        }
        let client = try server.connect()
        try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        let head = try client.readHead()
        #expect(head.status == 200)
        #expect(head.field("content-length") == nil)
        #expect(head.field("connection") == "close")
        #expect(String(decoding: try client.readToEnd(), as: UTF8.self) == "--x\r\nonetwo")
        try events.wait(for: "closed server")
        try waitUntilForgotten(server)
    }

    @Test func `parts of blocks reach a slow reader whole and in order, and are let go of`() throws {
        let ledger = ByteLedger(limitBytes: 64 << 20)
        let server = try TestServer.taking(events) { connection, script in
            connection.startStream(HTTPResponse(200), opening: [])
            var left = 40
            func sendNext() {
                guard left > 0 else { return connection.closeWhenDrained() }
                left -= 1
                let layout = FrameLayout(jpegByteCount: 100_000, timestampMicroseconds: 0)
                let builder = BlockBuilder(
                    prefixByteCount: layout.prefix.count, bodyByteCount: 100_000,
                    suffixByteCount: layout.suffix.count, countedIn: ledger)
                guard let builder, let input = try? InputBuffer() else { return connection.close() }
                input.append([UInt8](repeating: UInt8(left), count: 100_000))
                builder.fill(from: input)
                guard let block = builder.finish(prefix: layout.prefix, suffix: layout.suffix) else { return }
                // The form with three ranges per part.
                let form = StreamForm(boundary: .boundaryDoNotCross, advanceHeaders: true, isChunked: true)
                connection.send(layout.part(for: form), of: block)
                if !connection.isPending { sendNext() }
            }
            script.onDrained = { _ in sendNext() }
            sendNext()
        }
        let client = try server.connect(receiveBufferBytes: 4096)
        client.bytesPerSecond = 40_000_000
        try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        _ = try client.readHead()
        for left in (0..<40).reversed() {
            let size = try #require(Int(try client.readLine(), radix: 16))
            let part = try client.read(size)
            #expect(part.prefix(100_000).allSatisfy { $0 == UInt8(left) })
            #expect(String(decoding: part.dropFirst(100_000), as: UTF8.self).contains("--boundarydonotcross\r\n"))
            #expect(try client.readLine() == "")
        }
        #expect(try client.readToEnd() == [])
        try waitUntilForgotten(server)
        #expect(ledger.usedBytes == 0)
    }

    @Test func `a reader that takes nothing is stalled, once, and its blocks are let go of`() throws {
        let ledger = ByteLedger(limitBytes: 64 << 20)
        var limits = TestServer.limits
        limits.stallTimeout = .milliseconds(300)
        let server = try TestServer.taking(events, limits: limits) { connection, _ in
            connection.startStream(HTTPResponse(200), opening: [])
            let builder = BlockBuilder(
                prefixByteCount: 0, bodyByteCount: 32 << 20, suffixByteCount: 0, countedIn: ledger)
            guard let builder, let input = try? InputBuffer() else { return }
            input.append([UInt8](repeating: 0, count: 32 << 20))
            builder.fill(from: input)
            guard let block = builder.finish(prefix: [], suffix: []) else { return }
            let layout = FrameLayout(jpegByteCount: 31 << 20, timestampMicroseconds: 0)
            connection.send(layout.part(for: Self.plain), of: block)
        }
        let client = try Pusher(server.address)
        #expect(client.push("GET / HTTP/1.1\r\nHost: x\r\n\r\n"))
        try events.wait(for: "closed stalled")
        #expect(events.all == ["closed stalled"])
        try waitUntilForgotten(server)
        #expect(ledger.usedBytes == 0)
    }

    private static let plain = StreamForm(boundary: .frame, advanceHeaders: false, isChunked: false)

    @Test func `closing when drained waits no longer than the stall limit`() throws {
        var limits = TestServer.limits
        limits.stallTimeout = .milliseconds(300)
        let server = try TestServer.taking(events, limits: limits) { connection, _ in
            connection.write([UInt8](repeating: 0, count: 32 << 20))
            connection.closeWhenDrained()
            connection.closeWhenDrained()
        }
        let client = try Pusher(server.address)
        #expect(client.push("GET / HTTP/1.1\r\nHost: x\r\n\r\n"))
        try events.wait(for: "closed stalled")
        try waitUntilForgotten(server)
    }

    // MARK: - Bodies

    @Test func `what is left in the queue is shown again with the next bytes`() throws {
        let server = try TestServer.taking(events) { _, script in
            script.onReceived = { connection, input in
                if input.count == 5 { connection.respond(Self.ok) }
            }
        }
        let client = try server.connect()
        try client.send(Self.request + "ab")
        try events.wait(for: "received ab")
        try client.send("cde")
        #expect(try client.readResponse().text == "ok")
        #expect(events.all.first == "received ab")
        #expect(events.all.last == "received abcde")
    }

    @Test func `a connection that is given back reads on behind what its owner has dropped`() throws {
        let server = try TestServer.taking(events) { _, script in
            script.onReceived = { connection, input in
                guard input.count >= 5 else { return }
                input.drop(5)
                connection.respond(Self.ok)
            }
        }
        let client = try server.connect()
        try client.send(Self.request + "abcde" + Self.request + "fghij")
        #expect(try client.readResponse().text == "ok")
        #expect(try client.readResponse().text == "ok")
        #expect(try server.connectionCount() == 1)
        client.close()
        try waitUntilForgotten(server)
        // The owner of an answered request is told nothing more.
        #expect(!events.all.contains { $0.hasPrefix("closed") })
    }

    @Test(arguments: [1, 100, 5000, 200_000])
    func `a body goes from queue and socket into one block`(_ count: Int) throws {
        let ledger = ByteLedger(limitBytes: 1 << 20)
        let server = try TestServer { head in
            .take { connection in
                let script = TakenScript(EventList())
                guard
                    let block = BlockBuilder(
                        prefixByteCount: 3, bodyByteCount: head.contentLength ?? 0, suffixByteCount: 0,
                        countedIn: ledger)
                else { return connection.close() }
                script.onReceived = { connection, input in
                    guard connection.receive(into: block, from: input), block.missingByteCount == 0,
                        let whole = block.finish(prefix: [0, 0, 0], suffix: [])
                    else { return }
                    connection.respond(HTTPResponse(200, body: .shared(whole, 3..<whole.count)))
                }
                connection.delegate = script
            }
        }
        let client = try server.connect()
        for _ in 0..<3 {
            let body = numbered(0..<count)
            try client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \(count)\r\n\r\n")
            for start in stride(from: 0, to: count, by: 30_000) {
                try client.send(Array(body[start..<min(start + 30_000, count)]))
            }
            #expect(try client.readResponse().body == body)
        }
        client.close()
        try waitUntilForgotten(server)
        #expect(ledger.usedBytes == 0)
    }

    @Test func `a client that goes in the middle of its body closes the connection`() throws {
        let ledger = ByteLedger(limitBytes: 1 << 20)
        let server = try TestServer.taking(events) { _, script in
            let block = BlockBuilder(
                prefixByteCount: 0, bodyByteCount: 100_000, suffixByteCount: 0, countedIn: ledger)
            script.onReceived = { connection, input in
                if let block { _ = connection.receive(into: block, from: input) }
            }
        }
        for (index, isReset) in [false, true].enumerated() {
            let client = try server.connect()
            try client.send(Self.request)
            try client.send([UInt8](repeating: 0x61, count: 50_000))
            if isReset { try client.reset() } else { client.close() }
            // Wait for this connection's end, not the previous one's: this one may not even have been accepted yet.
            try eventually("the owner hears of the end") { events.all.count { $0 == "closed peer" } == index + 1 }
            try waitUntilForgotten(server)
            #expect(ledger.usedBytes == 0)
        }
    }

    @Test func `100-continue is sent to who waits for it, and to nobody else`() throws {
        let server = try TestServer.taking(events) { connection, script in
            connection.continueIfExpected()
            script.onReceived = { connection, input in
                input.drop(input.count)
                connection.respond(Self.ok)
            }
        }
        let client = try server.connect()
        try client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n")
        #expect(try client.readResponse().status == 100)
        try client.send("a")
        #expect(try client.readResponse().status == 200)
        try client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na")
        #expect(try client.readResponse().status == 200)
    }
}
