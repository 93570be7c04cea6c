// SPDX-License-Identifier: MIT
import Crypto
import LibEvent
import Logging
import Synchronization
import System
import TestSupport
import WireFormat

@testable import EvRelay

/// Runs a relay on a free port of 127.0.0.1 during `test`. Checks afterwards that it has ended and that no connection,
/// viewer or byte of frame memory is left.
///
/// - Parameters:
///   - threads: the number of the relay's loops.
///   - surroundings: the relay's surroundings beside its configuration.
///   - change: adapts the relay's configuration to the test.
func withRelay(
    threads: Int = 1, surroundings: Surroundings = Surroundings(),
    _ change: (inout Configuration) -> Void = { _ in }, _ test: (RunningRelay) throws -> Void
) throws {
    var configuration = Configuration(cores: threads)
    configuration.listen = [.internet(.loopback, port: 0)]
    // A test that leaves a stalled viewer behind should not wait for it.
    configuration.timeouts.drain = .milliseconds(200)
    try Transport.current.apply(to: &configuration)
    change(&configuration)
    try RunningRelay(configuration, surroundings).whileRunning(test)
}

/// A relay that runs on its own threads.
final class RunningRelay {
    /// The addresses on which it listens.
    let addresses: [BoundAddress]
    /// The lines it has logged.
    let log: CapturedLog.Lines
    /// Its frame memory.
    let ledger: ByteLedger
    /// Its connections.
    let connections: ConnectionBudget
    /// Its viewers.
    let viewers: PlaceCounter

    private let thread: LoopThread
    private let state: SharedState
    private let remote: ServiceRemote
    private var isJoined = false

    private struct Handles: Sendable {
        let addresses: [BoundAddress]
        let remote: ServiceRemote
        let ledger: ByteLedger
        let connections: ConnectionBudget
        let viewers: PlaceCounter
    }

    private final class SharedState: Sendable {
        let handles = Mutex<Handles?>(nil)
        let outcome = Mutex<Result<Void, ServiceError>?>(nil)
    }

    init(_ configuration: Configuration, _ surroundings: Surroundings = Surroundings()) throws {
        tls = try Transport.current.makeClientTLS()
        let lines = CapturedLog.Lines()
        let state = SharedState()
        log = lines
        self.state = state
        thread = try LoopThread(name: "test-control") {
            let logger = Logger(label: "test") { _ in CapturedLog(into: lines) }
            let outcome: Result<Void, ServiceError>
            do throws(ServiceError) {
                try Self.serve(configuration, surroundings, logger, state)
                outcome = .success(())
            } catch {
                outcome = .failure(error)
            }
            // Only now, when the service and everything it held are gone.
            state.outcome.withLock { $0 = outcome }
        }
        try eventually("the relay starts") {
            state.handles.withLock { $0 != nil } || state.outcome.withLock { $0 != nil }
        }
        if case .failure(let error) = state.outcome.withLock({ $0 }) {
            thread.join()
            throw error
        }
        guard let handles = state.handles.withLock({ $0 }) else { throw WaitError("the relay's handles") }
        addresses = handles.addresses
        remote = handles.remote
        ledger = handles.ledger
        connections = handles.connections
        viewers = handles.viewers
    }

    private static func serve(
        _ configuration: Configuration, _ surroundings: Surroundings, _ log: Logger, _ state: SharedState
    ) throws(ServiceError) {
        let service = try Service(configuration, surroundings, features: Features.make(configuration), log: log)
        // The service's relay is private; only tests read its counters.
        guard let relay = Mirror(reflecting: service).descendant("relay") as? Relay else { return }
        state.handles.withLock {
            $0 = Handles(
                addresses: service.addresses, remote: service.remote, ledger: relay.ledger,
                connections: relay.connections, viewers: relay.viewers)
        }
        try service.run(handlesSignals: false)
    }

    /// The TLS of connections to it; nil without TLS.
    let tls: ClientTLS?

    /// The address of the first listener with the test's transport.
    var address: ClientAddress {
        guard let first = addresses.first(where: { $0.isEncrypted == (tls != nil) }) else {
            return .tcp(host: "127.0.0.1", port: 0)
        }
        return first.port.map { .tcp(host: "127.0.0.1", port: $0) }
            ?? .unix(path: String(first.text.dropFirst("unix:".count)))
    }

    /// Runs `test`, then ends the relay, whether the test succeeds or not.
    func whileRunning(_ test: (RunningRelay) throws -> Void) throws {
        do {
            try test(self)
        } catch {
            try? stop()
            throw error
        }
        try stop()
    }

    /// Asks the relay to reload its settings; does not wait.
    func reload() { remote.reload() }

    /// Asks the relay to drain and end; does not wait.
    func shutDown() { remote.shutDown() }

    /// True once `run()` has returned and the service is gone.
    var hasEnded: Bool { state.outcome.withLock { $0 != nil } }

    /// Shuts the relay down, waits for its end, and checks that nothing is left.
    func stop(within limit: Duration = .seconds(10)) throws {
        guard !isJoined else { return }
        shutDown()
        try eventually("the relay ends", within: limit) { hasEnded }
        thread.join()
        isJoined = true
        if case .failure(let error) = state.outcome.withLock({ $0 }) { throw error }
        let left = "\(connections.openConnections) connections, \(viewers.taken) viewers, \(ledger.usedBytes) bytes"
        guard left == "0 connections, 0 viewers, 0 bytes" else { throw WaitError("nothing left, but \(left)") }
    }

    /// Opens a new connection.
    func connect(receiveBufferBytes: Int? = nil) throws -> TestClient {
        try TestClient(address, receiveBufferBytes: receiveBufferBytes, tls: tls)
    }

    /// Sends a request without a body on its own connection, and reads the answer.
    func request(_ method: String = "GET", _ target: String, _ fields: String...) throws -> TestResponse {
        try connect().request(method, target, fields)
    }

    /// Uploads one frame on its own connection.
    func upload(_ jpeg: [UInt8], to camera: String? = nil, _ fields: String...) throws -> TestResponse {
        try connect().upload(jpeg, to: camera, fields)
    }

    /// Returns a viewer whose stream has begun: it gets every frame that is uploaded from now on.
    func view(
        _ target: String = "/stream", _ fields: String..., form: StreamReader.Form = .plain, version: String = "1.1",
        receiveBufferBytes: Int? = nil
    ) throws -> StreamReader {
        let client = try connect(receiveBufferBytes: receiveBufferBytes)
        try client.send(RequestText.head("GET", target, fields, version: version))
        return try StreamReader(client, form: form)
    }
}
