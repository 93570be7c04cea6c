// SPDX-License-Identifier: MIT
import LibEvent
import Synchronization
import System
import TestSupport
import Testing
import WireFormat

/// Random lives of connections: actions of their owner and of their peer, in any order.
///
/// In every case an owner is told of the end once and of nothing after it, and everything counted is given back. A
/// failure names its seed; `EVRELAY_SEED` repeats it.
@Suite struct ConnectionLivesTests {
    private static let seed = SeededGenerator.seedOfRun
    private static let livesPerRound = 40

    /// Acts at random, and records calls that come after the end.
    private final class Owner: TakenConnectionDelegate {
        private var random: SeededGenerator
        private let block: SharedBytes
        private let tally: Tally
        private var hasEnded = false
        private var actionsLeft: Int

        init(_ seed: UInt64, _ block: SharedBytes, _ tally: Tally) {
            random = SeededGenerator(seed: seed)
            self.block = block
            self.tally = tally
            actionsLeft = Int.random(in: 1...8, using: &random)
        }

        func act(on connection: TakenConnection) {
            guard actionsLeft > 0 else { return connection.close() }
            actionsLeft -= 1
            switch Int.random(in: 0..<12, using: &random) {
            case 0: connection.write(bytes)
            case 1: connection.send(PartRanges(0..<block.count), of: block)
            case 2:
                connection.startStream(HTTPResponse(200, headers: [("Transfer-Encoding", "chunked")]), opening: bytes)
            case 3: respond(connection)
            case 4: connection.closeWhenDrained()
            case 5: connection.close(.abuse)
            case 6:
                tally.handBack(self)
                connection.answerAndClose(HTTPResponse(422, body: .bytes(bytes)))
            case 7: connection.setDeadline(after: .milliseconds(Int.random(in: 1...300, using: &random)))
            case 8: connection.setDeadline(after: nil)
            case 9: connection.purpose = ConnectionPhase.allCases.randomElement(using: &random) ?? .request
            case 10:
                act(on: connection)
                act(on: connection)
            default: connection.continueIfExpected()
            }
        }

        private func respond(_ connection: TakenConnection) {
            guard connection.isOpen else { return }
            tally.handBack(self)
            let isShared = Bool.random(using: &random)
            connection.respond(
                HTTPResponse(200, body: isShared ? .shared(block, 0..<block.count) : .bytes(bytes)))
        }

        private var bytes: [UInt8] {
            let size = [1, 100, 20_000, 3_000_000].randomElement(using: &random) ?? 1
            return [UInt8](repeating: 0x61, count: Int.random(in: 1...size, using: &random))
        }

        private func told(_ what: String) { if hasEnded { tally.fault("told of \(what) after the end") } }

        func connection(_ connection: TakenConnection, received input: InputBuffer) {
            told("bytes")
            input.drop(Int.random(in: 0...input.count, using: &random))
            act(on: connection)
        }

        func connectionDrained(_ connection: TakenConnection) {
            told("drained output")
            act(on: connection)
        }

        func connectionDeadlinePassed(_ connection: TakenConnection) {
            told("a deadline")
            act(on: connection)
            connection.close(.tooSlow)
        }

        func connectionReachedEnd(_ connection: TakenConnection) {
            told("the end of data")
            act(on: connection)
            // Nothing else would end it: a peer that has gone cannot be told from one that only reads.
            if Bool.random(using: &random) { connection.close(.byPeer) } else { connection.closeWhenDrained() }
        }

        func connectionClosed(_ connection: TakenConnection, reason: CloseReason) {
            told("the end")
            hasEnded = true
            tally.end(self)
            connection.write([1])
            connection.respond(HTTPResponse(200))
            connection.close()
        }
    }

    /// The present owners, and the faults found.
    private final class Tally: Sendable {
        private let state = Mutex((open: Set<ObjectIdentifier>(), faults: [String]()))

        func begin(_ owner: Owner) { state.withLock { _ = $0.open.insert(ObjectIdentifier(owner)) } }

        /// Removes an owner that gives its connection back, and is told nothing more.
        func handBack(_ owner: Owner) { state.withLock { _ = $0.open.remove(ObjectIdentifier(owner)) } }

        func end(_ owner: Owner) {
            state.withLock { state in
                if state.open.remove(ObjectIdentifier(owner)) == nil { state.faults.append("an end of nobody") }
            }
        }

        func fault(_ what: String) { state.withLock { $0.faults.append(what) } }

        var openCount: Int { state.withLock { $0.open.count } }

        var faults: [String] { state.withLock { $0.faults } }
    }

    @Test(arguments: [false, true], 0..<4)
    func `whatever owner and peer do, each end is told once and everything is given back`(
        _ isTLS: Bool, _ round: Int
    ) throws {
        let seed = Self.seed &+ UInt64(round) &* 1000 &+ (isTLS ? 500 : 0)
        try run(seed, isTLS, Comment("EVRELAY_SEED=\(Self.seed), round \(round), seed \(seed)"))
    }

    private func run(_ seed: UInt64, _ isTLS: Bool, _ comment: Comment) throws {
        var random = SeededGenerator(seed: seed)
        let ledger = ByteLedger(limitBytes: 64 << 20)
        let answers = AnswerBudget(maxBytes: 24 << 20, maxBytesPerConnection: 4 << 20)
        let tally = Tally()
        var limits = TestServer.limits
        limits.stallTimeout = .milliseconds(500)
        limits.headerTimeout = .seconds(1)
        limits.idleTimeout = .milliseconds(300)
        let number = Atomic<UInt64>(seed)
        do {
            let block = try makeBlock([UInt8](repeating: 0x62, count: 2_000_000), countedIn: ledger)
            let server = try TestServer(limits: limits, answers: answers, tls: isTLS ? TestPairs.makeSwitch() : nil) {
                [number] head in
                let seed = number.add(1, ordering: .relaxed).newValue
                guard head.path != "/now" else {
                    return .answer(HTTPResponse(200, body: .shared(block, 0..<block.count)))
                }
                return .take { connection in
                    let owner = Owner(seed, block, tally)
                    tally.begin(owner)
                    connection.delegate = owner
                    owner.act(on: connection)
                }
            }
            var peers: [DrawnPeer] = []
            for _ in 0..<Self.livesPerRound { peers.append(try DrawnPeer(server.address, isTLS: isTLS, &random)) }
            for _ in 0..<6 {
                peers.shuffle(using: &random)
                for peer in peers { peer.act(&random) }
            }
            peers.removeAll()
            try eventually("all have come and gone; \(comment)") {
                try server.moves.count { $0.from == nil } == Self.livesPerRound && server.connectionCount() == 0
            }
            #expect(tally.openCount == 0, comment)
            #expect(tally.faults == [], comment)
            #expect(server.budget.openConnections == 0, comment)
            #expect(answers.heldBytes == 0, comment)
            #expect(server.phases == [:], comment)
        }
        try eventually("all memory is free; \(comment)") { ledger.usedBytes == 0 }
    }
}

/// A peer that acts at random. Confined to one thread.
private final class DrawnPeer {
    private var plain: TestClient?
    private var encrypted: OpenSSLPeer?

    init(_ address: ClientAddress, isTLS: Bool, _ random: inout SeededGenerator) throws {
        let receiveBufferBytes = Bool.random(using: &random) ? 4096 : 1 << 17
        if isTLS {
            encrypted = try OpenSSLPeer(
                address, receiveBufferBytes: Int32(receiveBufferBytes), isTLS12: Bool.random(using: &random))
        } else {
            plain = try TestClient(address, receiveBufferBytes: receiveBufferBytes)
        }
    }

    private static let texts = [
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET /now HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/1.0\r\n\r\n",
        "GET /now HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n", "GET / HT",
        "nonsense\r\n\r\n",
        String(repeating: "x", count: 5000),
    ]

    func act(_ random: inout SeededGenerator) {
        switch Int.random(in: 0..<10, using: &random) {
        case 0...4:
            let text = String(
                repeating: Self.texts.randomElement(using: &random) ?? "", count: Int.random(in: 1...3, using: &random))
            // The draw includes text that the server no longer wants.
            _ = try? plain?.sendUntilAnswered(Array(text.utf8))
            try? encrypted?.write(text)
        case 5:
            try? plain?.shutdownWrite()
            encrypted?.sayGoodbye()
        case 6: encrypted?.endSocket()
        case 7:
            try? plain?.reset()
            encrypted?.reset()
            (plain, encrypted) = (nil, nil)
        case 8: (plain, encrypted) = (nil, nil)
        default:
            if plain?.isReadable == true { _ = try? plain?.read(1) }
        }
    }
}
