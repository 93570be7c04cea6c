// SPDX-License-Identifier: MIT
import Crypto
import LibEvent
import Synchronization
import System
import TestSupport
import Testing
import WireFormat

/// An HTTPServer on its own loop and thread, with a handler from the test.
final class TestServer: Sendable {
    /// Decides on requests, on the server's thread.
    typealias Route = (RequestHead) -> Admission

    let address: ClientAddress
    let budget: ConnectionBudget
    private let state: SharedState
    private let thread: LoopThread

    /// An answered request, as reported to the handler.
    struct Answer: Equatable {
        /// Method and path; nil if the head could not be read.
        var request: String?
        var status: Int
        var bodyBytes: Int
    }

    /// A change of a connection's phase.
    struct Move: Equatable {
        var from: ConnectionPhase?
        var to: ConnectionPhase?
    }

    /// The state that the test and the server's thread share.
    private final class SharedState: Sendable {
        struct Contents {
            var jobs: [@Sendable (HTTPServer) -> Void] = []
            var wakeup: Wakeup?
            var isStopping = false
            var refusals: [GateRefusal] = []
            var failures: [ConnectionFailure] = []
            var answers: [Answer] = []
            var moves: [Move] = []
            var handshakes: [TLSHandshake] = []
            var encryptions: [TLSEncryption] = []
            var rooms: [ConnectionLimit] = []
            var error: SystemError?
        }

        let contents = Mutex(Contents())
    }

    private final class Handler: HTTPHandler {
        private let route: Route
        private let state: SharedState
        private let isBehindProxy: Bool

        init(_ route: @escaping Route, _ state: SharedState, isBehindProxy: Bool) {
            self.route = route
            self.state = state
            self.isBehindProxy = isBehindProxy
        }

        func admit(_ head: RequestHead, from peer: PeerAddress, isEncrypted: Bool) -> Admission { route(head) }

        func response(to refusal: GateRefusal) -> HTTPResponse { TestServer.response(to: refusal) }

        func gateRefused(_ refusal: GateRefusal, peer: PeerAddress) {
            state.contents.withLock { $0.refusals.append(refusal) }
        }

        func connectionFailed(_ failure: ConnectionFailure, peer: PeerAddress?) {
            state.contents.withLock { $0.failures.append(failure) }
        }

        func answered(_ request: AnsweredRequest) {
            let answer = Answer(
                request: request.head.map { "\($0.methodName) \($0.path)" }, status: request.status,
                bodyBytes: request.bodyBytes)
            state.contents.withLock { $0.answers.append(answer) }
            if request.duration < .zero || request.peer.host != "127.0.0.1" { Issue.record("\(request)") }
        }

        func connectionMoved(from old: ConnectionPhase?, to new: ConnectionPhase?) {
            state.contents.withLock { $0.moves.append(Move(from: old, to: new)) }
        }

        func shookHands(_ result: TLSHandshake) { state.contents.withLock { $0.handshakes.append(result) } }

        func encryptionBegan(by who: TLSEncryption) { state.contents.withLock { $0.encryptions.append(who) } }

        func madeRoom(_ limit: ConnectionLimit) { state.contents.withLock { $0.rooms.append(limit) } }

        func isProxy(_ peer: PeerAddress) -> Bool { isBehindProxy }
    }

    /// Limits that no test reaches by accident.
    static let limits = HTTPLimits(
        maxHeaderBytes: 8192, maxHeaderFields: 64, headerTimeout: .seconds(30), idleTimeout: .seconds(30),
        stallTimeout: .seconds(30))

    /// Creates a server, which serves on a free port of 127.0.0.1.
    /// - Parameter isBehindProxy: true if every peer is treated as a proxy.
    init(
        limits: HTTPLimits = TestServer.limits,
        budget: ConnectionBudget = .init(maxConnections: 500, maxPerAddress: 500), isBehindProxy: Bool = false,
        answers: AnswerBudget = AnswerBudget(), tls: TLSSwitch? = nil,
        maxRecordsPerKey: UInt64 = HTTPServer.maxRecordsPerKey, kernelTimeout: Duration = .seconds(20),
        _ route: @escaping @Sendable (RequestHead) -> Admission
    ) throws {
        SignalSource.ignoreBrokenPipes()
        let socket = try ListenSocket.local(stallTimeout: kernelTimeout)
        socket.isEncrypted = tls != nil
        address = .tcp(host: "127.0.0.1", port: socket.port ?? 0)
        self.budget = budget
        let state = SharedState()
        self.state = state
        thread = try LoopThread(name: "test-server") {
            do throws(SystemError) {
                let handler = Handler(route, state, isBehindProxy: isBehindProxy)
                let loop = try EventLoop()
                let server = try HTTPServer(
                    on: loop, limits: limits, budget: budget, answers: answers, tls: tls,
                    maxRecordsPerKey: maxRecordsPerKey, handler: handler)
                try Self.serve(socket, server, loop, state)
                withExtendedLifetime(handler) {}
            } catch {
                state.contents.withLock { $0.error = error }
            }
        }
    }

    private static func serve(
        _ socket: ListenSocket, _ server: HTTPServer, _ loop: EventLoop, _ state: SharedState
    ) throws(SystemError) {
        try server.accept(from: socket)
        let wakeup = try Wakeup(on: loop) {
            let (jobs, isStopping) = state.contents.withLock { contents in
                defer { contents.jobs = [] }
                return (contents.jobs, contents.isStopping)
            }
            for job in jobs { job(server) }
            if isStopping { loop.stop() }
        }
        state.contents.withLock { $0.wakeup = wakeup }
        wakeup.signal()
        loop.run()
        state.contents.withLock { $0.wakeup = nil }
        server.close()
        wakeup.close()
    }

    /// Calls `job` on the server's thread, and waits for its result.
    func ask<Result: Sendable>(_ job: @escaping @Sendable (HTTPServer) -> Result) throws -> Result {
        let result = SharedResult<Result>()
        let wakeup = state.contents.withLock { contents in
            contents.jobs.append { server in
                let value = job(server)
                result.value.withLock { $0 = value }
            }
            return contents.wakeup
        }
        wakeup?.signal()
        try eventually("an answer of the server's thread") {
            if let error = state.contents.withLock({ $0.error }) { throw error }
            return result.value.withLock { $0 != nil }
        }
        guard let value = result.value.withLock({ $0 }) else { throw WaitError("an answer of the server's thread") }
        return value
    }

    private final class SharedResult<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
    }

    /// The gate's refusals so far.
    var refusals: [GateRefusal] { state.contents.withLock { $0.refusals } }

    /// The answers reported to the handler so far.
    var failures: [ConnectionFailure] { state.contents.withLock { $0.failures } }

    /// The answers reported to the handler so far.
    private static func response(to refusal: GateRefusal) -> HTTPResponse {
        let (status, word) =
            switch refusal {
            case .connectionsFull: (503, "connectionsFull")
            case .tooManyFromAddress: (429, "tooManyFromAddress")
            case .badHead(.headTooLarge), .badHead(.tooManyFields): (431, "badHead")
            case .badHead(.unsupportedVersion): (505, "badHead")
            case .badHead: (400, "badHead")
            case .unknownExpectation: (417, "unknownExpectation")
            case .headTooSlow: (408, "headTooSlow")
            case .plainOnTLS: (400, "plainOnTLS")
            }
        return HTTPResponse(status, body: .bytes(Array(word.utf8)))
    }

    /// The answers reported to the handler so far.
    var answers: [Answer] { state.contents.withLock { $0.answers } }

    /// The changes of phase reported to the handler so far.
    var moves: [Move] { state.contents.withLock { $0.moves } }

    /// The limits for which idle connections have made room so far.
    var rooms: [ConnectionLimit] { state.contents.withLock { $0.rooms } }

    /// The results of the handshakes so far.
    var handshakes: [TLSHandshake] { state.contents.withLock { $0.handshakes } }

    /// The encrypting side of each connection so far: the relay or OpenSSL.
    var encryptions: [TLSEncryption] { state.contents.withLock { $0.encryptions } }

    /// The number of connections in each phase, by the reported changes; phases without any are left out.
    var phases: [ConnectionPhase: Int] {
        var counts: [ConnectionPhase: Int] = [:]
        for move in moves {
            if let old = move.from { counts[old, default: 0] -= 1 }
            if let new = move.to { counts[new, default: 0] += 1 }
        }
        return counts.filter { $0.value != 0 }
    }

    /// Creates a server that sends `response`: as a stream under `/stream`, from a taken connection under `/taken`, as
    /// an answer under every other path.
    static func sending(
        _ response: HTTPResponse, limits: HTTPLimits = TestServer.limits, tls: TLSSwitch? = nil
    ) throws -> TestServer {
        try TestServer(limits: limits, tls: tls) { head in
            switch head.path {
            case "/stream":
                .take { connection in
                    connection.startStream(response, opening: [])
                    connection.closeWhenDrained()
                }
            case "/taken": .take { $0.respond(response) }
            default: .answer(response)
            }
        }
    }

    /// A route that answers, or under `/hold` serves until the client ends.
    @Sendable static func answersOrHolds(_ head: RequestHead) -> Admission {
        head.path == "/hold"
            ? .take { $0.delegate = TakenScript(EventList()) }
            : .answer(HTTPResponse(200, body: .bytes(Array("ok".utf8))))
    }

    /// Lets `answersOrHolds` hold `client` from now on, as one of `count`.
    func hold(_ client: TestClient, count: Int) throws {
        try client.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n")
        try eventually("\(count) are served") { self.phases[.request] == count }
    }

    /// Returns the number of connections that the server holds now.
    func connectionCount() throws -> Int { try ask { $0.connectionCount } }

    /// Returns a new connection.
    func connect(receiveBufferBytes: Int? = nil, tls: ClientTLS? = nil) throws -> TestClient {
        try TestClient(address, receiveBufferBytes: receiveBufferBytes, tls: tls)
    }

    /// Returns the answer to a GET on a connection of its own.
    func get(_ target: String) throws -> TestResponse {
        let client = try connect()
        try client.send("GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n")
        return try client.readResponse()
    }

    /// Ends the loop, even with open connections.
    func stop() {
        let wakeup = state.contents.withLock { contents in
            contents.isStopping = true
            return contents.wakeup
        }
        wakeup?.signal()
        thread.join()
    }

    deinit { stop() }
}

/// Events in their order, recorded on the server's thread and read by the test.
final class EventList: Sendable {
    private let events = Mutex<[String]>([])

    func add(_ event: String) { events.withLock { $0.append(event) } }

    var all: [String] { events.withLock { $0 } }

    /// Waits until the last event begins with `prefix`.
    func wait(for prefix: String) throws {
        try eventually("the event \(prefix), after \(all)") { all.last?.hasPrefix(prefix) == true }
    }
}
