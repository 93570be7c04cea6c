// SPDX-License-Identifier: MIT
internal import CLibEvent
internal import COpenSSL
import System
import WireFormat

/// One accepted connection, from accept to close: reports what happens to its `ConnectionState`, and carries out what
/// that decides.
///
/// Confined to one event loop. Owned by its gate's table until `close`, which is the only way a connection ends: every
/// event arrives through one of the gate's callbacks. docs/design/connections.md lists the steps of an end.
@safe
final class GateConnection {
    let gate: Gate
    /// The connection's place in its gate's table, and the argument of its callbacks: the address of its buffer.
    let key: UInt
    let peer: PeerAddress
    /// The TLS side; nil for a connection without TLS.
    let tls: TLSLink?
    let input: ConnectionInput
    let output: ConnectionOutput
    let socket: ConnectionSocket
    /// The decisions.
    var state: ConnectionState { didSet { follow() } }
    /// The head of the request under way.
    var head: RequestHead?
    var reader: HeadReader
    /// The owner of a taken connection; nil while the gate has it.
    var owner: TakenConnection?
    /// The answer to a connection that is turned away, until its request begins to arrive.
    private(set) var refusal: HTTPResponse?
    /// The connection's place in the budget and among the idle ones.
    var place: ConnectionPlace
    /// True while the connection is in the lines of the idle ones.
    private var isInIdleLines = false
    private let buffer: OpaquePointer
    private var reports = ConnectionReports()

    /// Creates a connection that owns `buffer` and its socket.
    init(_ buffer: OpaquePointer, from peer: PeerAddress, tls: TLSLink?, of gate: Gate) {
        self.gate = gate
        self.tls = tls
        self.peer = peer
        unsafe self.buffer = buffer
        key = UInt(bitPattern: buffer)
        input = unsafe ConnectionInput(buffer, tls: tls, limits: gate.limits)
        output = unsafe ConnectionOutput(
            buffer, tls: tls, answers: gate.answers, stallTimeout: gate.limits.stallTimeout)
        socket = ConnectionSocket(descriptor: unsafe bufferevent_getfd(buffer), isUnix: peer == .unixSocket)
        state = ConnectionState(now: SystemClock.monotonic(), limits: gate.limits)
        reader = HeadReader(limits: gate.limits)
        place = ConnectionPlace(key: gate.handler?.isProxy(peer) == true ? nil : peer.key)
    }

    deinit { assert(state.stage == .closed, "a connection is closed before it is released") }

    /// Starts to read. Then counts the connection, lets it wait for room, or refuses it.
    func enter() {
        startListening()
        tryToEnter()
    }

    /// Counts the connection if there is room, lets it wait for room, or refuses it.
    func tryToEnter() {
        guard state.stage == .entering else { return }
        let verdict = gate.admit(place.key, hasWaited: place.roomDeadline != nil)
        if gate.letWait(self, verdict) { return state.waitForRoom() }
        switch verdict {
        case .admitted:
            place.enter(gate)
            state.admitted(isDraining: gate.isDraining, now: SystemClock.monotonic())
        case .full: turnAway(.connectionsFull)
        case .tooManyFromAddress: turnAway(.tooManyFromAddress)
        }
    }

    /// Counts a connection of an earlier process and returns it for its new owner; nil if it does not fit the limits.
    func enterRestored() -> TakenConnection? {
        guard case .admitted = gate.budget.admit(place.key) else {
            close(.byServer)
            return nil
        }
        place.enter(gate)
        state.restored()
        let connection = TakenConnection(self)
        owner = connection
        startListening()
        return connection
    }

    private func startListening() {
        unsafe bufferevent_setcb(
            buffer, gateRead, gateWritten, gateEvent, UnsafeMutableRawPointer(bitPattern: key))
        _ = unsafe bufferevent_enable(buffer, Int16(EV_READ | EV_WRITE))
    }

    /// Refuses a connection for which there is no room.
    private func turnAway(_ reason: GateRefusal) {
        guard let handler = gate.handler else { return close(.byServer) }
        handler.gateRefused(reason, peer: peer)
        guard place.beRefused(by: gate) else { return close(.byServer) }
        refusal = handler.response(to: reason)
        state.turnedAway(now: SystemClock.monotonic())
    }

    /// Carries out what follows from every change of the state.
    private func follow() {
        // One look for all: each would be checked for a change at the same time.
        let state = state
        input.setReading(state.isReading && !state.hasPeerEnded)
        if let (old, new) = reports.move(to: state.phase) { gate.handler?.connectionMoved(from: old, to: new) }
        let isIdle = state.isIdle(isOutputPending: output.isPending)
        guard isIdle != isInIdleLines else { return }
        isInIdleLines = isIdle
        gate.idle.update(self, isIdle: isIdle)
    }

    /// Records the answer to the request under way. It is reported when the answer is sent or the connection ends.
    func note(_ response: HTTPResponse) {
        tls?.offerTicket()
        reports.note(response, to: head)
    }

    func reportAnswer() {
        guard let request = reports.takeAnswer(to: head, from: peer, since: state.requestBegan) else { return }
        gate.handler?.answered(request)
    }

    /// True if a TLS handshake has failed since the peer speaks HTTP. (Error 0: it has gone without an alert, as port
    /// scanners do.)
    var hasSpokenPlain: Bool { ERR_GET_REASON(unsafe bufferevent_get_openssl_error(buffer)) == SSL_R_HTTP_REQUEST }

    /// Ends the connection at once, whatever is pending. Does nothing for a connection that has ended.
    func close(_ reason: CloseReason) {
        let owner = owner
        guard state.close() else { return }
        // A close_notify would say that the answer was complete.
        if !output.isPending { tls?.sayGoodbye() }
        self.owner = nil
        reportAnswer()
        input.close()
        output.close()
        gate.forget(self)
        place.leave(gate, isCounted: state.isCounted)
        // libevent closes the socket in the loop's next turn, which a closed gate may not have any more.
        if gate.isClosed { socket.endSending() }
        unsafe bufferevent_free(buffer)
        // Last, since the owner may do anything.
        owner?.didClose(reason)
    }
}
