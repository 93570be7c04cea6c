// SPDX-License-Identifier: MIT
internal import CLibEvent
import Glibc
import WireFormat

/// The entrance of every connection of one loop: accepts it, reads its request heads, and sends answers.
///
/// Confined to one event loop; a thread has at most one open gate. libevent brings the sockets and the buffers; what is
/// read and written is decided here alone. `docs/architecture.md` says why evhttp has no part in it.
///
/// Must be closed before it is released: libevent reports what happens to its connections to it.
@safe
final class Gate {
    let loop: EventLoop
    /// The limits of connections.
    private(set) var limits: HTTPLimits
    let budget: ConnectionBudget
    /// What all answers that wait to be sent may hold.
    let answers: AnswerBudget
    private(set) weak var handler: (any HTTPHandler)?
    /// Every open connection by its key, which is the argument of every callback.
    var connections: [UInt: GateConnection] = [:]
    /// Connections beyond the limits that are being told so; kept few, so that refusing costs less than serving.
    var rejectedCount = 0
    /// Connections that nobody would miss.
    let idle = WaitingLine<GateConnection>()
    var addresses: [PeerAddress.Key: Address] = [:]
    /// Connections that wait until there is room.
    var newcomers: [(connection: GateConnection, limit: ConnectionLimit)] = []
    private(set) var roomTimer: LoopTimer?
    /// True once connections end with their answer.
    private(set) var isDraining = false

    /// Connections accepted and not closed.
    var connectionCount: Int { connections.count }

    /// What new connections with TLS begin with; nil where none are accepted.
    let tls: TLSSwitch?
    let records: RecordRoom?
    /// Sockets that are accepted from, by the listener's address.
    private var listeners: [UInt: Listener] = [:]
    private var ended: [(connection: GateConnection, what: Int32)] = []
    private var postponed: [GateConnection] = []
    private var endedEvent: OpaquePointer?
    private var dateSecond: Int64 = -1
    private var dateText = ""
    private var sweepTimer: LoopTimer?
    private var acceptTimer: LoopTimer?
    /// True from the moment when no descriptor was left until the next try.
    private var isOutOfDescriptors = false
    /// True while the listeners are enabled.
    private var isAccepting = true
    private var nextTurn: NextTurn?
    /// True once nothing is accepted and nobody is connected any more.
    private(set) var isClosed = false

    /// A socket that is accepted from.
    @safe
    struct Listener {
        let pointer: OpaquePointer
        let isEncrypted: Bool
    }

    /// Most refusals under way at a time on this loop; beyond it connections are closed without a word.
    static let maxRejected = 64
    private static let sweepInterval = Duration.milliseconds(250)
    private static let acceptPause = Duration.milliseconds(200)
    /// Until the sockets of connections that were let go are closed.
    private static let shortAcceptPause = Duration.milliseconds(5)
    /// After so much time in one turn a connection's further requests wait for the next one.
    private static let longTurn = Duration.milliseconds(5)

    /// The gate of the calling thread: libevent's callbacks name a connection, and this finds its owner.
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
        // Without it a lack of descriptors makes the listener spin.
        unsafe evconnlistener_set_error_cb(pointer, gateAcceptFailed)
    }

    /// True if connections that `listener` accepts begin with TLS; nil for one of no gate.
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

    /// The value of Date, made anew once a second.
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

    /// Tells `connection` of its peer's end when libevent is done with what came before it.
    func finishLater(_ connection: GateConnection, _ what: Int32) {
        ended.append((connection, what))
        if let event = unsafe endedEvent { unsafe event_active(event, 0, 0) }
    }

    func finishEnded() {
        let ended = ended
        self.ended.removeAll(keepingCapacity: true)
        for (connection, what) in ended { connection.finish(what) }
    }

    /// Goes on with `connection` when the others have had their turn.
    func postpone(_ connection: GateConnection) {
        postponed.append(connection)
        nextTurn?.request()
    }

    /// True if this turn of the loop has taken long, whichever connections it was for.
    var isTurnLong: Bool { loop.turnDuration > Self.longTurn }

    /// Goes on with those that have waited longest, at least with one.
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

    /// No descriptor was left for a connection, which waits with the kernel.
    func acceptFailed() {
        isOutOfDescriptors = true
        updateAccepting()
        if makeRoomForDescriptors() {
            acceptTimer?.start(after: Self.shortAcceptPause)
        } else {
            handler?.gateRefused(.outOfDescriptors, peer: nil)
            acceptTimer?.start(after: Self.acceptPause)
        }
    }

    private func retryAccepting() {
        isOutOfDescriptors = false
        updateAccepting()
    }

    /// Leaves new connections with the kernel while nothing can be done for them.
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
