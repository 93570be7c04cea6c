// SPDX-License-Identifier: MIT
internal import CLibEvent
import Crypto
import Glibc
import System
import WireFormat

/// Accepts the connections of one loop, reads their request heads, and sends answers.
///
/// Confined to one event loop; a thread has at most one open gate. libevent provides the sockets and the buffers; the
/// gate alone decides what is read and written. docs/design/connections.md explains why evhttp is not used.
///
/// Must be closed before it is released: until then libevent's callbacks refer to it.
@safe
final class Gate {
    let loop: EventLoop
    /// The limits of connections.
    private(set) var limits: HTTPLimits
    let budget: ConnectionBudget
    /// The memory limit of all answers that wait to be sent.
    let answers: AnswerBudget
    private(set) weak var handler: (any HTTPHandler)?
    /// Every open connection by its key, which is the argument of its callbacks.
    var connections: [UInt: GateConnection] = [:]
    /// The number of connections beyond the limits that are being sent a refusal; kept small, so that refusing costs
    /// less than serving.
    var rejectedCount = 0
    /// Idle connections, of which the longest idle end first to make room.
    let idle = IdleLines()
    /// Connections that wait for room.
    var newcomers: [(connection: GateConnection, limit: ConnectionLimit)] = []
    private(set) var roomTimer: LoopTimer?
    /// True once every connection ends after its answer.
    private(set) var isDraining = false

    /// Connections accepted and not closed.
    var connectionCount: Int { connections.count }

    /// The TLS context of new connections; nil where none has TLS.
    let tls: TLSSwitch?
    let records: RecordRoom?
    let listeners: Listeners
    private var ended: [(connection: GateConnection, what: Int32)] = []
    private var postponed: [GateConnection] = []
    private var endedEvent: OpaquePointer?
    private var dateField = DateField()
    private var sweepTimer: LoopTimer?
    private var acceptTimer: LoopTimer?
    /// True from a lack of descriptors until the next try to accept.
    private var isOutOfDescriptors = false
    private var nextTurn: NextTurn?
    /// True after `close()`: nothing is accepted and no connection is open.
    private(set) var isClosed = false

    /// The most refusals under way at a time on this loop; beyond it, connections are closed without an answer.
    static let maxRejected = 64
    private static let sweepInterval = Duration.milliseconds(250)
    private static let acceptPause = Duration.milliseconds(200)
    /// The pause in which libevent closes the sockets of connections that ended for others.
    private static let shortAcceptPause = Duration.milliseconds(5)
    /// The time in one turn after which a connection's further requests wait for the next turn.
    private static let longTurn = Duration.milliseconds(5)

    /// The gate of the calling thread. libevent's callbacks name a connection by its key, and the gate's table has its
    /// object.
    static var current: Gate? {
        unsafe ThreadSlot.value.map { unsafe CallbackContext.object($0, as: Gate.self) }
    }

    init(
        on loop: EventLoop, limits: HTTPLimits, budget: ConnectionBudget, answers: AnswerBudget, tls: TLSSwitch?,
        records: RecordRoom?, handler: any HTTPHandler
    ) throws(SystemError) {
        self.loop = loop
        listeners = Listeners(on: loop)
        self.tls = tls
        self.records = records
        self.limits = limits
        self.budget = budget
        self.answers = answers
        self.handler = handler
        let context = unsafe CallbackContext.pointer(to: self)
        unsafe ThreadSlot.value = context
        unsafe endedEvent = unsafe event_new(loop.base, -1, 0, gateFinishEnded, context)
        guard unsafe endedEvent != nil else { throw SystemError("event_new") }
        let sweep = try LoopTimer(on: loop, isRepeating: true) { [weak self] in self?.closeLate() }
        sweep.start(after: Self.sweepInterval)
        sweepTimer = sweep
        acceptTimer = try LoopTimer(on: loop, isRepeating: false) { [weak self] in self?.retryAccepting() }
        roomTimer = try LoopTimer(on: loop, isRepeating: false) { [weak self] in self?.admitNewcomers() }
        nextTurn = try NextTurn(on: loop) { [weak self] in self?.continuePostponed() }
    }

    deinit { assert(isClosed, "a gate is closed before it is released") }

    /// Changes the limits of new connections and requests.
    func apply(_ limits: HTTPLimits) {
        self.limits = limits
        listeners.setStallTimeout(limits.stallTimeout)
    }

    func beginDraining() {
        isDraining = true
        listeners.close()
        for connection in Array(connections.values) { connection.beginDraining() }
    }

    /// Ends every connection. Idempotent.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        sweepTimer?.cancel()
        acceptTimer?.cancel()
        roomTimer?.cancel()
        nextTurn = nil
        listeners.close()
        for connection in Array(connections.values) { connection.close(.byServer) }
        ended.removeAll()
        postponed.removeAll()
        _ = takeNewcomers()
        if let event = unsafe endedEvent { unsafe event_free(event) }
        unsafe endedEvent = nil
        if Self.current === self { unsafe ThreadSlot.value = nil }
    }

    /// The value of the Date field.
    var date: String { dateField.text(SystemClock.nowMicroseconds() / 1_000_000) }

    // MARK: - Called by connections

    func forget(_ connection: GateConnection) {
        connections[connection.key] = nil
    }

    /// Reports the end of its peer to `connection` after libevent has delivered the bytes before it.
    func finishLater(_ connection: GateConnection, _ what: Int32) {
        ended.append((connection, what))
        if let event = unsafe endedEvent { unsafe event_active(event, 0, 0) }
    }

    func finishEnded() {
        let ended = ended
        self.ended.removeAll(keepingCapacity: true)
        for (connection, what) in ended { connection.finish(what) }
    }

    /// Continues with `connection` after the others have had their turn.
    func postpone(_ connection: GateConnection) {
        postponed.append(connection)
        nextTurn?.request()
    }

    /// True if this turn of the loop has taken longer than `longTurn`, for whichever connections.
    var isTurnLong: Bool { loop.turnDuration > Self.longTurn }

    /// Continues with the postponed connections, longest waiting first: at least one, the others while the turn is not
    /// long.
    private func continuePostponed() {
        let connections = postponed
        postponed.removeAll(keepingCapacity: true)
        for (index, connection) in connections.enumerated() {
            if index > 0, isTurnLong {
                postponed.insert(contentsOf: connections[index...], at: 0)
                nextTurn?.request()
                return
            }
            connection.continueTurn()
        }
    }

    /// Handles a lack of descriptors: accepting pauses, and the new connection waits in the kernel's queue.
    func acceptFailed() {
        isOutOfDescriptors = true
        updateAccepting()
        if makeRoomForDescriptors() {
            acceptTimer?.start(after: Self.shortAcceptPause)
        } else {
            handler?.connectionFailed(.outOfDescriptors, peer: nil)
            acceptTimer?.start(after: Self.acceptPause)
        }
    }

    private func retryAccepting() {
        isOutOfDescriptors = false
        updateAccepting()
    }

    /// Disables the listeners while nothing can be done for new connections, which then wait in the kernel's queue.
    func updateAccepting() {
        listeners.isEnabled = !isOutOfDescriptors && newcomers.count < Self.maxNewcomers
    }

    private func closeLate() {
        let now = SystemClock.monotonic()
        // Asked again: what an earlier one has led to may have moved a deadline.
        for connection in connections.values.filter({ $0.state.deadline <= now })
        where connection.state.deadline <= now { connection.deadlinePassed() }
    }
}
