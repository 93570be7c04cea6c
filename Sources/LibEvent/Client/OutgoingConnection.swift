// SPDX-License-Identifier: MIT
public import Crypto
public import System

/// A connection that this program makes: name, address, TLS, then bytes in both directions, with a time limit for each
/// step.
///
/// Confined to one event loop. Owned by whoever made it; released or closed at any moment, it tells nothing more and
/// leaves no descriptor. Received bytes lie in the loop's buffer, so that an idle connection has no buffer of its own.
public final class OutgoingConnection {
    /// The peer.
    public enum Target: Equatable, Sendable {
        /// A name, or an address in digits, IPv6 without brackets.
        case host(String, port: UInt16)
        /// Addresses of one peer, in the order in which they are to be tried.
        case addresses([ClientAddress])
    }

    /// The step that a connection is in.
    enum State: Equatable {
        case new, resolving, connecting, handshaking, open, closed
    }

    /// The owner of the connection, told of its events.
    public weak var delegate: (any OutgoingConnectionDelegate)?
    /// The time limits. A change holds from the next step on.
    public var limits: OutgoingLimits
    /// The addresses of the peer; empty before they are known.
    public private(set) var addresses: [ClientAddress] = []
    /// The address that the peer was connected at; nil before that.
    public private(set) var address: ClientAddress?
    /// The time that connecting took, without the name's lookup and TLS; nil before its end.
    public private(set) var connectTime: Duration?
    /// The peer's certificate; nil without TLS, and before the handshake's end.
    public var certificate: TLSCertificate? { socket?.certificate }

    let context: OutgoingContext
    var state = State.new
    var socket: ClientSocket?
    var watch: SocketWatch?
    var deadlines: StepDeadlines
    /// The bytes that still may be received before reading pauses; nil for no limit.
    var allowance: Int?
    /// The bytes that the kernel has not taken yet.
    var output = OutputQueue()
    /// The failure of a write. Reading goes on to the end: a server may have answered before it closed.
    var writeFailure: ClientError?

    private let target: Target
    private let tls: ClientTLS?
    private let serverName: String?
    private let receiveBufferBytes: Int?
    private var lookup: NameLookup?
    private var race: ConnectRace?
    private var timer: LoopTimer?
    private var timerEnd = Instant.distantFuture
    private var connectStart = Instant.distantFuture

    /// Prepares a connection; `start()` begins it.
    ///
    /// - Parameters:
    ///   - tls: the TLS settings; nil for a connection without TLS.
    ///   - serverName: the subject of the peer's certificate: a name, or an address in digits; nil for the target's
    ///     host.
    ///   - receiveBufferBytes: SO_RCVBUF; nil for the kernel's choice, which grows with the traffic.
    public init(
        to target: Target, in context: OutgoingContext, limits: OutgoingLimits, tls: ClientTLS? = nil,
        serverName: String? = nil, receiveBufferBytes: Int? = nil
    ) {
        self.target = target
        self.context = context
        self.limits = limits
        self.tls = tls
        self.serverName = serverName
        self.receiveBufferBytes = receiveBufferBytes
        deadlines = StepDeadlines(whole: nil, at: SystemClock.monotonic())
    }

    deinit { tearDown() }

    /// Begins to connect. Called once.
    public func start() {
        context.loop.assertIsCurrent()
        guard state == .new else { return }
        deadlines = StepDeadlines(whole: limits.whole, at: SystemClock.monotonic())
        switch target {
        case .addresses(let addresses): connect(addresses)
        case .host(let host, let port):
            let address = ClientAddress.tcp(host: host, port: port)
            if address.isNumeric { return connect([address]) }
            resolve(host, port)
        }
    }

    /// True from the moment when the delegate is told so to the end.
    public var isOpen: Bool { state == .open }

    /// True once the connection has ended, in whatever way.
    public var isClosed: Bool { state == .closed }

    /// Ends the connection at once, in any step; the delegate is told nothing any more. Idempotent.
    public func close() { tearDown() }

    /// Ends the connection and tells the delegate.
    func end(_ error: ClientError?) {
        guard state != .closed else { return }
        tearDown()
        delegate?.connection(self, endedWith: error)
    }

    private func resolve(_ host: String, _ port: UInt16) {
        state = .resolving
        begin(.name, limit: limits.name)
        do throws(SystemError) {
            lookup = try NameLookup(
                of: host, port: port, limit: limits.name, with: context.resolver, on: context.loop
            ) { [weak self] result in
                guard let self else { return }
                lookup = nil
                switch result {
                case .success(let addresses): connect(addresses)
                case .failure(let error): end(.nameUnknown(error.reason))
                }
            }
        } catch {
            endLater(.nameUnknown("\(error)"))
        }
    }

    private func connect(_ addresses: [ClientAddress]) {
        self.addresses = addresses
        state = .connecting
        connectStart = SystemClock.monotonic()
        begin(.connection, limit: limits.connection)
        race = ConnectRace(to: addresses, in: context, receiveBufferBytes: receiveBufferBytes) { [weak self] result in
            guard let self else { return }
            race = nil
            switch result {
            case .success(let socket): connected(socket)
            case .failure(let error): end(error)
            }
        }
    }

    private func connected(_ socket: ClientSocket) {
        self.socket = socket
        address = socket.address
        connectTime = SystemClock.monotonic() - connectStart
        do throws(SystemError) {
            watch = try SocketWatch(socket.descriptor, on: context.loop) { [weak self] ready in self?.ready(ready) }
        } catch {
            return end(.broken(error))
        }
        guard let tls else { return open() }
        state = .handshaking
        begin(.handshake, limit: limits.handshake)
        do throws(ClientError) { try socket.prepareTLS(tls, host: serverName ?? host(of: socket)) } catch {
            return end(error)
        }
        continueHandshake()
    }

    private func host(of socket: ClientSocket) -> String {
        if case .host(let host, _) = target { return host }
        guard case .tcp(let host, _) = socket.address else { return "localhost" }
        return host
    }

    func continueHandshake() {
        guard let socket else { return }
        switch socket.continueHandshake() {
        case .done: open()
        case .wants(let readiness): watch?.interest = readiness
        case .failed(let error): end(error)
        }
    }

    private func open() {
        state = .open
        deadlines.endStep()
        updateSilence()
        flush()
        updateInterest()
        armTimer()
        delegate?.connectionOpened(self)
    }

    func endLater(_ error: ClientError) {
        context.later { [weak self] in self?.end(error) }
    }

    private func tearDown() {
        guard state != .closed else { return }
        state = .closed
        timer = nil
        lookup?.close()
        lookup = nil
        race?.close()
        race = nil
        watch?.close()
        watch = nil
        socket?.close()
        output = OutputQueue()
    }
}

// The time limits.
extension OutgoingConnection {
    /// Begins a step with its limit.
    func begin(_ step: ClientStep, limit: Duration?) {
        deadlines.begin(step, limit: limit, at: SystemClock.monotonic())
        armTimer()
    }

    /// Ends the step under way; only silence and the whole are limited from here on.
    func endStep() { deadlines.endStep() }

    /// Limits silence while the peer could send or take bytes.
    func updateSilence() {
        let isWaiting = state == .open && (isReading || !output.isEmpty)
        deadlines.watchSilence(isWaiting ? limits.silence : nil, at: SystemClock.monotonic())
        armTimer()
    }

    /// Starts the timer for the next deadline. One that ends earlier looks at the deadlines anew, so that moving a deadline
    /// back, as every byte does, costs nothing.
    private func armTimer() {
        guard state != .closed, let next = deadlines.next, next < timerEnd else { return }
        do throws(SystemError) {
            if timer == nil {
                timer = try LoopTimer(on: context.loop, isRepeating: false) { [weak self] in self?.look() }
            }
            timerEnd = next
            // Rounded up, so that the deadline has passed when the timer fires.
            timer?.start(after: max(.zero, next - SystemClock.monotonic()) + .microseconds(1))
        } catch {
            endLater(.broken(error))
        }
    }

    private func look() {
        timerEnd = .distantFuture
        switch deadlines.verdict(at: SystemClock.monotonic()) {
        case .unlimited: break
        case .wait: armTimer()
        case .timedOut(let step): end(.timedOut(step))
        }
    }
}
