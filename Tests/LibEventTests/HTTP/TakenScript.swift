// SPDX-License-Identifier: MIT
import Crypto
import LibEvent

/// The owner of a taken connection: records the calls it gets, and runs the test's closure at each.
final class TakenScript: TakenConnectionDelegate {
    var onReceived: (TakenConnection, InputBuffer) -> Void = { _, _ in }
    var onDrained: (TakenConnection) -> Void = { _ in }
    var onDeadline: (TakenConnection) -> Void = { $0.close(.tooSlow) }
    var onReachedEnd: (TakenConnection) -> Void = { $0.close(.byPeer) }
    var onClosed: (TakenConnection) -> Void = { _ in }
    private let events: EventList

    init(_ events: EventList) {
        self.events = events
    }

    func connection(_ connection: TakenConnection, received input: InputBuffer) {
        events.add("received \(String(decoding: input.contents.prefix(40), as: UTF8.self))")
        onReceived(connection, input)
    }

    func connectionDrained(_ connection: TakenConnection) {
        events.add("drained")
        onDrained(connection)
    }

    func connectionDeadlinePassed(_ connection: TakenConnection) {
        events.add("deadline")
        onDeadline(connection)
    }

    func connectionReachedEnd(_ connection: TakenConnection) { onReachedEnd(connection) }

    func connectionClosed(_ connection: TakenConnection, reason: CloseReason) {
        events.add("closed \(reason.rawValue)")
        onClosed(connection)
    }
}

extension TestServer {
    /// Creates a server that hands every connection to a script.
    static func taking(
        _ events: EventList, limits: HTTPLimits = TestServer.limits, tls: TLSSwitch? = nil,
        kernelTimeout: Duration = .seconds(20), _ write: @escaping @Sendable (TakenConnection, TakenScript) -> Void
    ) throws -> TestServer {
        try TestServer(limits: limits, tls: tls, kernelTimeout: kernelTimeout) { _ in
            .take { connection in
                let script = TakenScript(events)
                connection.delegate = script
                write(connection, script)
            }
        }
    }
}
