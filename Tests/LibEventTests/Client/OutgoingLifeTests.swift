// SPDX-License-Identifier: MIT
import Crypto
import Foundation
import LibEvent
import System
import Testing
import TestSupport
import WireFormat

/// Ends at any moment: nothing is told afterwards, and nothing stays.
@Suite(.timeLimit(.minutes(1)), .serialized)
struct OutgoingLifeTests {
    /// The descriptors of this process that are sockets connected to `port`, by the kernel's list.
    private static func sockets(to port: UInt16) throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/net/tcp", encoding: .utf8)
        let place = "0100007F:" + String(port, radix: 16, uppercase: true).leftPadded(4)
        let inodes = Set(
            text.split(separator: "\n").dropFirst().compactMap { line -> String? in
                let fields = line.split(separator: " ")
                return fields.count > 9 && fields[2] == place ? String(fields[9]) : nil
            })
        let folder = "/proc/self/fd"
        return try FileManager.default.contentsOfDirectory(atPath: folder).count { number in
            guard let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(number)") else {
                return false
            }
            return inodes.contains(String(link.dropFirst("socket:[".count).dropLast()))
        }
    }

    /// The steps in which a connection is given up.
    enum Moment: CaseIterable {
        case start, connecting, handshake, open, received, drained
    }

    @Test(arguments: Moment.allCases, [true, false])
    func `a connection that is given up tells nothing more and leaves nothing`(
        _ moment: Moment, _ isReleased: Bool
    ) throws {
        let full = try FullListener()
        let held = try HeldPeer()
        let echo = try EchoPeer()
        let (address, isTLS): (ClientAddress, Bool) =
            switch moment {
            case .start, .connecting: (full.address, false)
            case .handshake: (held.address, true)
            case .open, .received, .drained: (echo.address, false)
            }
        guard case .tcp(_, let port) = address else { return }
        let before = try Self.sockets(to: port)
        let watcher = try ConnectionWatcher()
        weak var gone: OutgoingConnection?
        func giveUp() {
            if isReleased { watcher.release() } else { watcher.connection?.close() }
        }
        let wanted =
            switch moment {
            case .open: "opened"
            case .received: "received"
            case .drained: "drained"
            case .start, .connecting, .handshake: "nothing"
            }
        var isGivenUp = false
        watcher.onEvent = { event in
            guard event == wanted || isGivenUp else { return }
            #expect(!isGivenUp, "\(event) after the end")
            isGivenUp = true
            giveUp()
        }
        gone = watcher.connect(.addresses([address]), tls: isTLS ? try ClientTLS(trusting: .anyone) : nil)
        watcher.connection?.write([UInt8](repeating: 7, count: moment == .drained ? 20_000_000 : 10))
        switch moment {
        case .start: break
        case .connecting: try watcher.idle(.milliseconds(10))
        case .handshake:
            try held.accept()
            try watcher.idle(.milliseconds(10))
        case .open, .received, .drained: try watcher.run("the moment") { isGivenUp }
        }
        if !isGivenUp {
            isGivenUp = true
            giveUp()
        }
        try watcher.idle(.milliseconds(20))
        #expect(watcher.ends == 0)
        #expect((gone == nil) == isReleased)
        #expect(try Self.sockets(to: port) == before)
    }

    @Test func `an exchange may be closed, or used again, from within each of its events`() throws {
        for wanted in ["opened", "head", "body", "finished", "ended"] {
            let peer = try ScriptedPeer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab")
            let watcher = try ExchangeWatcher(peer.address)
            var events: [String] = []
            watcher.onEvent = { event in
                events.append(event)
                if event == wanted { watcher.exchange.close() }
            }
            watcher.exchange.send(Array("GET / HTTP/1.1\r\n\r\n".utf8), method: "GET")
            try watcher.run(wanted) { events.last == wanted }
            for _ in 0..<3 { watcher.turn() }
            #expect(events.last == wanted)
            watcher.onEvent = nil
        }
        let peer = try ScriptedPeer(
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb")
        let watcher = try ExchangeWatcher(peer.address)
        let request = Array("GET / HTTP/1.1\r\n\r\n".utf8)
        watcher.onEvent = { [exchange = watcher.exchange] event in
            if event == "finished", exchange.isReusable { exchange.send(request, method: "GET") }
        }
        watcher.exchange.send(request, method: "GET")
        try watcher.run("both answers") { watcher.finished == 2 }
        #expect(watcher.body == Array("ab".utf8))
        watcher.onEvent = nil
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", ClientError.endedEarly),
        ("HTTP/1.1 200 OK\r\n", .endedEarly), ("", .endedEarly),
        ("SSH-2.0-x\r\n\r\n", .badHead(.badStatusLine("SSH-2.0-x"))),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx", .badBody(.badSizeLine)),
    ])
    func `an answer that is none ends the exchange once`(_ answer: String, _ error: ClientError) throws {
        let peer = try ScriptedPeer(answer)
        let watcher = try ExchangeWatcher(peer.address)
        watcher.exchange.send(Array("GET / HTTP/1.1\r\n\r\n".utf8), method: "GET")
        try watcher.run("the end") { watcher.ends > 0 }
        for _ in 0..<3 { watcher.turn() }
        #expect(watcher.error == error)
        #expect(watcher.ends == 1)
    }

    @Test func `one loop serves two hundred connections, and keeps nothing of them`() throws {
        let server = try TestServer(TestServer.answersOrHolds)
        guard case .tcp(_, let port) = server.address else { return }
        let before = try Self.sockets(to: port)
        let loop = try EventLoop()
        let context = try OutgoingContext(on: loop)
        var clients = (0..<200).map { _ in Repeater(server.address, in: context, times: 5) }
        let deadline = SystemClock.monotonic() + .seconds(30)
        let alarm = try LoopTimer(on: loop, isRepeating: true) {}
        alarm.start(after: .milliseconds(5))
        while !clients.allSatisfy(\.isDone), SystemClock.monotonic() < deadline { loop.runTurn() }
        #expect(clients.allSatisfy { $0.answers == 5 && $0.error == nil })
        weak let one = clients.first?.exchange.connection
        #expect(one != nil)
        clients = []
        #expect(one == nil)
        #expect(try Self.sockets(to: port) == before)
    }
}

/// A client that sends the same request several times over one connection.
private final class Repeater: OutgoingExchangeDelegate {
    let exchange: OutgoingExchange
    private(set) var answers = 0
    private(set) var error: ClientError?
    private let times: Int
    private let request = Array("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n".utf8)

    var isDone: Bool { answers == times || error != nil }

    init(_ address: ClientAddress, in context: OutgoingContext, times: Int) {
        self.times = times
        exchange = OutgoingExchange(
            over: OutgoingConnection(
                to: .addresses([address]), in: context, limits: OutgoingLimits(each: .seconds(30))),
            limits: AnswerReader.Limits(headBytes: 4096, bodyBytes: 4096))
        exchange.delegate = self
        exchange.send(request, method: "GET")
        exchange.start()
    }

    func exchangeOpened(_ exchange: OutgoingExchange) {}
    func exchange(_ exchange: OutgoingExchange, received head: ResponseHead) {}
    func exchange(_ exchange: OutgoingExchange, receivedBody bytes: Span<UInt8>) {}

    func exchangeFinished(_ exchange: OutgoingExchange) {
        answers += 1
        if answers < times { exchange.send(request, method: "GET") }
    }

    func exchange(_ exchange: OutgoingExchange, endedWith error: ClientError?) { self.error = error }
}

extension String {
    /// The text with zeros before it, `width` letters at least.
    fileprivate func leftPadded(_ width: Int) -> String { String(repeating: "0", count: max(0, width - count)) + self }
}
