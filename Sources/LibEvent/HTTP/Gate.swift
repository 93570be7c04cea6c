// SPDX-License-Identifier: MIT
internal import CLibEvent
import Crypto
import Glibc
import System
import WireFormat

/// Accepts the connections of one loop, reads their request heads, and sends answers.
///
/// Confined to one event loop; a thread has at most one open gate. libevent provides the sockets and the buffers; the
/// gate alone decides what is read and written. `docs/architecture.md` explains why evhttp is not used.
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
    let idle = WaitingLine<GateConnection>()
    var addresses: [PeerAddress.Key: Address] = [:]
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
    /// The listening sockets, by the address of libevent's listener.
    private var listeners: [UInt: Listener] = [:]
    private var ended: [(connection: GateConnection, what: Int32)] = []
    private var postponed: [GateConnection] = []
    private var endedEvent: OpaquePointer?
    private var dateSecond: Int64 = -1
    private var dateText = ""
    private var sweepTimer: LoopTimer?
    private var acceptTimer: LoopTimer?
    /// True from a lack of descriptors until the next try to accept.
    private var isOutOfDescriptors = false
    /// True while the listeners are enabled.
    private var isAccepting = true
    private var nextTurn: NextTurn?
    /// True after `close()`: nothing is accepted and no connection is open.
    private(set) var isClosed = false

    /// A listening socket.
    @safe
    struct Listener {
        let pointer: OpaquePointer
        let isEncrypted: Bool
    }

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
    ) throws(LibEventError) {
        self.loop = loop
        self.tls = tls
        self.records = records
        self.limits = limits
        self.budget = budget
        self.answers = answers
        self.handler = handler
        let context = unsafe CallbackContext.pointer(to: self)
        unsafe ThreadSlot.value = context
        unsafe endedEvent = unsafe event_new(loop.base, -1, 0, gateFinishEnded, context)
        guard unsafe endedEvent != nil else { throw LibEventError("event_new") }
        let sweep = try LoopTimer(on: loop, isRepeating: true) { [weak self] in self?.closeLate() }
        sweep.start(after: Self.sweepInterval)
        sweepTimer = sweep
        acceptTimer = try LoopTimer(on: loop, isRepeating: false) { [weak self] in self?.retryAccepting() }
        roomTimer = try LoopTimer(on: loop, isRepeating: false) { [weak self] in self?.admitNewcomers() }
        nextTurn = try NextTurn(on: loop) { [weak self] in self?.continuePostponed() }
    }

    deinit { assert(isClosed, "a gate is closed before it is released") }

    func accept(from socket: ListenSocket) throws(LibEventError) {
        let descriptor = socket.takeDescriptor()
        let options = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC
        // A backlog of 0: the socket listens already.
        guard let pointer = unsafe evconnlistener_new(loop.base, gateAccepted, nil, options, 0, descriptor) else {
            Glibc.close(descriptor)
            throw LibEventError("evconnlistener_new", subject: socket.address)
        }
        listeners[UInt(bitPattern: pointer)] = unsafe Listener(pointer: pointer, isEncrypted: socket.isEncrypted)
        // Without an error callback, a lack of descriptors makes the listener spin.
        unsafe evconnlistener_set_error_cb(pointer, gateAcceptFailed)
    }

    /// Returns true if connections that `listener` accepts begin with TLS; nil if the gate has no such listener.
    func isEncrypted(_ listener: UInt) -> Bool? { listeners[listener]?.isEncrypted }

    /// Changes the limits of new connections and requests.
    func apply(_ limits: HTTPLimits) {
        self.limits = limits
        for listener in listeners.values {
            ListenSocket.setStallTimeout(
                limits.stallTimeout, ofListener: unsafe evconnlistener_get_fd(listener.pointer))
        }
    }

    func beginDraining() {
        isDraining = true
        freeListeners()
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
        freeListeners()
        for connection in Array(connections.values) { connection.close(.byServer) }
        ended.removeAll()
        postponed.removeAll()
        _ = takeNewcomers()
        if let event = unsafe endedEvent { unsafe event_free(event) }
        unsafe endedEvent = nil
        if Self.current === self { unsafe ThreadSlot.value = nil }
    }

    private func freeListeners() {
        for listener in listeners.values { unsafe evconnlistener_free(listener.pointer) }
        listeners.removeAll()
    }

    /// The value of the Date field, formatted once a second.
    var date: String {
        let now = SystemClock.nowMicroseconds() / 1_000_000
        if now != dateSecond {
            dateSecond = now
            dateText = HTTPDate.format(unixSeconds: now)
        }
        return dateText
    }

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
        let isAccepting = !isOutOfDescriptors && newcomers.count < Self.maxNewcomers
        guard isAccepting != self.isAccepting else { return }
        self.isAccepting = isAccepting
        for listener in listeners.values {
            _ = unsafe isAccepting ? evconnlistener_enable(listener.pointer) : evconnlistener_disable(listener.pointer)
        }
    }

    private func closeLate() {
        let now = SystemClock.monotonic()
        for connection in connections.values.filter({ $0.deadline <= now }) { connection.deadlinePassed() }
    }
}
