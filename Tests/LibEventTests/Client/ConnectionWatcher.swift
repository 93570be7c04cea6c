// SPDX-License-Identifier: MIT
import Crypto
import LibEvent
import System
import TestSupport

/// A loop with one outgoing connection, run by the test until something has happened.
final class ConnectionWatcher: OutgoingConnectionDelegate {
    /// The end of a connection: the error, or nil for the peer's end of data.
    struct End {
        let error: ClientError?
    }

    let context: OutgoingContext
    private(set) var connection: OutgoingConnection?
    private(set) var isOpen = false
    private(set) var received: [UInt8] = []
    private(set) var drains = 0
    private(set) var end: End?
    /// The ends that were told; more than one is a fault.
    private(set) var ends = 0
    /// Called at each event, with its name.
    var onEvent: ((String) -> Void)?
    private let alarm: LoopTimer

    init(resolver: NameResolver = .shared) throws {
        let loop = try EventLoop()
        context = try OutgoingContext(on: loop, resolver: resolver)
        alarm = try LoopTimer(on: loop, isRepeating: true) {}
        alarm.start(after: .milliseconds(5))
    }

    /// Begins a connection.
    @discardableResult
    func connect(
        _ target: OutgoingConnection.Target, _ limits: OutgoingLimits = OutgoingLimits(each: .seconds(10)),
        tls: ClientTLS? = nil, serverName: String? = nil
    ) -> OutgoingConnection {
        let connection = OutgoingConnection(
            to: target, in: context, limits: limits, tls: tls, serverName: serverName)
        self.connection = connection
        connection.delegate = self
        connection.start()
        return connection
    }

    /// Runs the loop until `condition` holds.
    func run(_ what: String, within limit: Duration = .seconds(10), until condition: () -> Bool) throws {
        let deadline = SystemClock.monotonic() + limit
        while !condition() {
            guard SystemClock.monotonic() < deadline else { throw WaitError("not within \(limit): \(what)") }
            context.loop.runTurn()
        }
    }

    /// Runs the loop for a while, in which nothing is expected.
    func idle(_ duration: Duration) throws {
        let end = SystemClock.monotonic() + duration
        try run("a pause") { SystemClock.monotonic() >= end }
    }

    /// Lets go of the connection.
    func release() { connection = nil }

    func connectionOpened(_ connection: OutgoingConnection) {
        isOpen = true
        onEvent?("opened")
    }

    func connection(_ connection: OutgoingConnection, received bytes: Span<UInt8>) {
        for index in bytes.indices { received.append(bytes[index]) }
        onEvent?("received")
    }

    func connectionDrained(_ connection: OutgoingConnection) {
        drains += 1
        onEvent?("drained")
    }

    func connection(_ connection: OutgoingConnection, endedWith error: ClientError?) {
        end = End(error: error)
        ends += 1
        onEvent?("ended")
    }
}
