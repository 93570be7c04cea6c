// SPDX-License-Identifier: MIT
internal import CLibEvent
import Glibc
import WireFormat

/// Every connection's entrance: one evhttp on one loop, and what stands in front of it.
///
/// Confined to one event loop; a thread has at most one open gate. Reads each request head itself and lets evhttp see
/// only whole, checked ones: evhttp 2.1.12 has no limit of connections, no total deadline, takes malformed framing for
/// good, and cannot give a connection away for a stream. `docs/architecture.md` has the list.
///
/// Must be closed before it is released: libevent reports the end of its connections to it.
@safe
final class Gate {
    let loop: EventLoop
    /// What connections are allowed.
    private(set) var limits: HTTPLimits
    let budget: ConnectionBudget
    private(set) weak var handler: (any HTTPHandler)?
    /// Every open connection by its key, which is the argument of every callback.
    var connections: [UInt: GateConnection] = [:]
    /// Connections beyond the limits that are being told so; kept few, so that refusing costs less than serving.
    var rejectedCount = 0
    /// True once connections end with their answer.
    private(set) var isDraining = false

    /// Connections accepted and not closed, those too that the gate has not come to yet.
    var connectionCount: Int { connections.count + arriving.count }

    /// What new connections with TLS begin with; nil where none are accepted.
    let tls: TLSSwitch?
    let records: RecordRoom?
    private var http: OpaquePointer?
    /// A second evhttp, for sockets with TLS: what it makes buffers with holds for all sockets of one.
    private var https: OpaquePointer?
    private var listeners: [Listener] = []
    /// Buffers made by `makeBuffer` whose evhttp_connection does not exist yet.
    var arriving: [Arriving] = []
    private var answered: [GateConnection] = []
    private var ended: [(connection: GateConnection, what: Int32)] = []
    private(set) var adoptEvent: OpaquePointer?
    private var rearmEvent: OpaquePointer?
    private var blank: Descriptor?
    private var dateSecond: Int64 = -1
    private var dateText = ""
    private var sweepTimer: LoopTimer?
    private var acceptTimer: LoopTimer?

    /// A socket that is accepted from, and the evhttp that does.
    @safe
    private struct Listener {
        let bound: OpaquePointer
        let http: OpaquePointer
    }

    /// Most refusals under way at a time on this loop; beyond it connections are closed without a word.
    static let maxRejected = 64
    private static let sweepInterval = Duration.milliseconds(250)
    private static let acceptPause = Duration.milliseconds(200)

    /// The gate of the calling thread: libevent's callbacks name a connection, and this finds its owner.
    static var current: Gate? {
        unsafe ThreadSlot.value.map { unsafe CallbackContext.object($0, as: Gate.self) }
    }

    init(
        on loop: EventLoop, limits: HTTPLimits, budget: ConnectionBudget, tls: TLSSwitch?, handler: any HTTPHandler
    ) throws(LibEventError) {
        self.loop = loop
        self.tls = tls
        records = tls == nil ? nil : try RecordRoom()
        self.limits = limits
        self.budget = budget
        self.handler = handler
        let context = unsafe CallbackContext.pointer(to: self)
        unsafe ThreadSlot.value = context
        unsafe http = try makeHTTP(gateMakeBuffer)
        if tls != nil { unsafe https = try makeHTTP(gateMakeEncryptedBuffer) }
        unsafe adoptEvent = unsafe event_new(loop.base, -1, 0, gateAdopt, context)
        unsafe rearmEvent = unsafe event_new(loop.base, -1, 0, gateRearm, context)
        guard unsafe adoptEvent != nil, unsafe rearmEvent != nil else { throw LibEventError("event_new") }
        let sweep = try LoopTimer(on: loop, isRepeating: true) { [unowned self] in closeLate() }
        sweep.start(after: Self.sweepInterval)
        sweepTimer = sweep
        acceptTimer = try LoopTimer(on: loop, isRepeating: false) { [unowned self] in setAccepting(true) }
    }

    private func makeHTTP(
        _ makeBuffer: @escaping @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> OpaquePointer?
    ) throws(LibEventError) -> OpaquePointer {
        guard let http = unsafe evhttp_new(loop.base) else { throw LibEventError("evhttp_new") }
        let context = unsafe CallbackContext.pointer(to: self)
        unsafe evhttp_set_bevcb(http, makeBuffer, context)
        unsafe evhttp_set_gencb(http, gateRequestComplete, context)
        // All of them: the gate has refused what no route takes, and evhttp answers 501 to a plain OPTIONS otherwise.
        unsafe evhttp_set_allowed_methods(http, 0xFFFF)
        // Second lines behind the gate's own limits.
        unsafe evhttp_set_max_headers_size(http, limits.maxHeaderBytes + 1024)
        return unsafe http
    }

    func accept(from socket: ListenSocket) throws(LibEventError) {
        let descriptor = socket.takeDescriptor()
        guard let http = unsafe socket.isEncrypted ? https : http,
            let bound = unsafe evhttp_accept_socket_with_handle(http, descriptor)
        else {
            Glibc.close(descriptor)
            throw LibEventError("evhttp_accept_socket", subject: socket.address)
        }
        unsafe listeners.append(Listener(bound: bound, http: http))
        // Without it a lack of descriptors makes the listener spin.
        unsafe evconnlistener_set_error_cb(evhttp_bound_socket_get_listener(bound), gateAcceptFailed)
    }

    /// Changes what new connections and requests are allowed.
    func apply(_ limits: HTTPLimits) {
        self.limits = limits
        for listener in listeners {
            ListenSocket.setStallTimeout(
                limits.stallTimeout, ofListener: unsafe evhttp_bound_socket_get_fd(listener.bound))
        }
    }

    func beginDraining() {
        isDraining = true
        for listener in listeners { unsafe evhttp_del_accept_socket(listener.http, listener.bound) }
        listeners.removeAll()
        for connection in Array(connections.values) { connection.beginDraining() }
    }

    func close() {
        guard unsafe http != nil else { return }
        sweepTimer?.cancel()
        acceptTimer?.cancel()
        // evhttp ends its own.
        for connection in Array(connections.values) where connection.isRestored {
            connection.close(.byServer)
        }
        listeners.removeAll()
        if let http = unsafe http { unsafe evhttp_free(http) }
        if let https = unsafe https { unsafe evhttp_free(https) }
        unsafe (http, https) = (nil, nil)
        for entry in arriving { _ = unsafe bufferevent_decref(entry.buffer) }
        arriving.removeAll()
        if let event = unsafe adoptEvent { unsafe event_free(event) }
        if let event = unsafe rearmEvent { unsafe event_free(event) }
        unsafe adoptEvent = nil
        unsafe rearmEvent = nil
        if Self.current === self { unsafe ThreadSlot.value = nil }
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

    // Called by the gate.

    /// Goes on with a connection of an earlier process; nil if it is gone or does not fit.
    func restore(_ descriptor: Descriptor) -> TakenConnection? {
        guard let connection = GateConnection(restoring: descriptor, by: self) else { return nil }
        connections[connection.key] = connection
        return connection.enterRestored()
    }

    /// A descriptor of no use, to be put in the place of one that is given away; nil if none is left.
    var blankDescriptor: Int32? {
        if blank == nil { blank = try? Descriptor(ofUnconnectedSocket: ()) }
        return blank?.borrowed
    }

    func forget(_ connection: GateConnection) {
        connections[connection.key] = nil
    }

    func rearmLater(_ connection: GateConnection) {
        answered.append(connection)
        if let rearmEvent = unsafe rearmEvent { unsafe event_active(rearmEvent, 0, 0) }
    }

    /// Tells `connection` of its end in the loop's next turn.
    func finishLater(_ connection: GateConnection, _ what: Int32) {
        ended.append((connection, what))
        if let rearmEvent = unsafe rearmEvent { unsafe event_active(rearmEvent, 0, 0) }
    }

    func rearmAnswered() {
        let ended = ended
        self.ended.removeAll(keepingCapacity: true)
        for (connection, what) in ended { connection.finish(what) }
        let connections = answered
        answered.removeAll(keepingCapacity: true)
        for connection in connections { connection.rearm() }
    }

    func acceptFailed() {
        handler?.gateRefused(.outOfDescriptors, peer: nil)
        setAccepting(false)
        acceptTimer?.start(after: Self.acceptPause)
    }

    private func setAccepting(_ isAccepting: Bool) {
        for entry in listeners {
            let listener = unsafe evhttp_bound_socket_get_listener(entry.bound)
            _ = unsafe isAccepting ? evconnlistener_enable(listener) : evconnlistener_disable(listener)
        }
    }

    private func closeLate() {
        let now = SystemClock.monotonic()
        for connection in connections.values.filter({ $0.deadline <= now }) { connection.deadlinePassed() }
    }
}
