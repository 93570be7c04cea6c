// SPDX-License-Identifier: MIT
import System

/// Connects to the first of several addresses that answers (RFC 8305, "Happy Eyeballs"): tries the next one when the one
/// before has failed or has not answered for a quarter of a second, and goes on with all of them. So an address that
/// swallows everything, as with broken IPv6, costs that quarter instead of its share of the limit.
///
/// Confined to one event loop. Has no limit of its own: its owner closes it.
final class ConnectRace {
    private struct Attempt {
        let socket: ClientSocket
        let watch: SocketWatch
    }

    /// RFC 8305 section 5, "Connection Attempt Delay".
    private static let headStart = Duration.milliseconds(250)
    /// The most addresses that are tried. A name may have any number of them.
    private static let maxAddresses = 16

    private let context: OutgoingContext
    private let receiveBufferBytes: Int?
    private var waiting: ArraySlice<ClientAddress>
    private var attempts: [Attempt] = []
    private var timer: LoopTimer?
    private var problem: SystemError?
    private var onEnd: ((Result<ClientSocket, ClientError>) -> Void)?

    /// Begins. `onEnd` is called once, on the loop and never from within this call.
    ///
    /// - Parameter receiveBufferBytes: SO_RCVBUF; nil for the kernel's choice.
    init(
        to addresses: [ClientAddress], in context: OutgoingContext, receiveBufferBytes: Int?,
        onEnd: @escaping (Result<ClientSocket, ClientError>) -> Void
    ) {
        self.context = context
        self.receiveBufferBytes = receiveBufferBytes
        self.onEnd = onEnd
        waiting = Self.order(addresses).prefix(Self.maxAddresses)
        tryNext()
    }

    /// Gives up. Idempotent; `onEnd` is not called any more.
    func close() {
        onEnd = nil
        timer = nil
        for attempt in attempts {
            attempt.watch.close()
            attempt.socket.close()
        }
        attempts = []
        waiting = []
    }

    /// Returns the addresses in the order in which they are tried: the system's (RFC 6724), but the two families by turns
    /// (RFC 8305 section 4), beginning with that of the first.
    static func order(_ addresses: [ClientAddress]) -> [ClientAddress] {
        let isFirstKind = addresses.map { $0.isIPv6 == addresses.first?.isIPv6 }
        var first = zip(addresses, isFirstKind).filter(\.1).map(\.0)[...]
        var second = zip(addresses, isFirstKind).filter { !$0.1 }.map(\.0)[...]
        var ordered: [ClientAddress] = []
        while let one = first.popFirst() {
            ordered.append(one)
            if let other = second.popFirst() { ordered.append(other) }
        }
        return ordered + second
    }

    private func tryNext() {
        while let address = waiting.popFirst() {
            do throws(SystemError) {
                try begin(address)
                return try startTimer()
            } catch {
                problem = error
            }
        }
        guard attempts.isEmpty else { return }
        context.later { [weak self] in self?.fail() }
    }

    private func begin(_ address: ClientAddress) throws(SystemError) {
        let socket = try ClientSocket(connectingTo: address, receiveBufferBytes: receiveBufferBytes)
        let watch = try SocketWatch(socket.descriptor, on: context.loop) { [weak self, weak socket] _ in
            guard let self, let socket else { return }
            finish(socket)
        }
        attempts.append(Attempt(socket: socket, watch: watch))
        watch.interest = .writable
    }

    private func startTimer() throws(SystemError) {
        guard !waiting.isEmpty else { return }
        if timer == nil {
            timer = try LoopTimer(on: context.loop, isRepeating: false) { [weak self] in self?.tryNext() }
        }
        timer?.start(after: Self.headStart)
    }

    private func finish(_ socket: ClientSocket) {
        guard let index = attempts.firstIndex(where: { $0.socket === socket }) else { return }
        attempts.remove(at: index).watch.close()
        if let error = socket.connectionError() {
            problem = error
            socket.close()
            // `fail` comes in the next turn, when nothing has begun.
            return tryNext()
        }
        end(.success(socket))
    }

    private func fail() {
        guard attempts.isEmpty, waiting.isEmpty else { return }
        end(.failure(problem.map { .notConnected($0) } ?? .nameUnknown("no address")))
    }

    private func end(_ result: Result<ClientSocket, ClientError>) {
        let onEnd = self.onEnd
        close()
        onEnd?(result)
    }

    deinit { close() }
}
