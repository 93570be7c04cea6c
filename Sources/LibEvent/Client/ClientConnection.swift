// SPDX-License-Identifier: MIT
public import System

/// A client's blocking connection, plain or with TLS. Every wait has a time limit.
///
/// Confined to one thread. Closed with the object.
public final class ClientConnection {
    /// The address that it is connected to.
    public var address: ClientAddress { socket.address }
    /// The peer's certificate; nil until `startTLS` has returned.
    public private(set) var certificate: TLSCertificate?

    private let socket: ClientSocket
    private var tls: TLSClient?
    private var piece = [UInt8](repeating: 0, count: 16_384)

    /// Connects to the first address that answers. Each address gets an equal share of the time that is left.
    public init(to addresses: [ClientAddress], timeout: Duration) throws(ClientError) {
        let deadline = SystemClock.monotonic() + timeout
        var problem = ClientError.timedOut(.connection)
        for (index, address) in addresses.enumerated() {
            let share = (deadline - SystemClock.monotonic()) / (addresses.count - index)
            do throws(ClientError) {
                socket = try Self.connect(to: address, timeout: share)
                return
            } catch {
                problem = error
            }
        }
        throw problem
    }

    private static func connect(to address: ClientAddress, timeout: Duration) throws(ClientError) -> ClientSocket {
        do throws(LibEventError) {
            let socket = try ClientSocket(connectingTo: address)
            let ready = socket.wait(for: .writable, timeout: timeout)
            if let error = socket.connectionError() { throw error }
            if !ready.isEmpty { return socket }
        } catch {
            throw .notConnected(error)
        }
        throw .timedOut(.connection)
    }

    /// Performs the TLS handshake. A certificate that is not trusted does not end it: check `certificate`, and send
    /// nothing to a peer whose certificate has a problem.
    ///
    /// - Parameters:
    ///   - host: the subject that the certificate must be for: a name, or an address in digits.
    ///   - trustFile: the trusted certificates in PEM; nil for the system's.
    public func startTLS(host: String, trustFile: String? = nil, before deadline: Instant) throws(ClientError) {
        let tls = try TLSClient(host: host, trustFile: trustFile)
        while true {
            let progress = tls.handshake()
            try send(tls.takeOutput().span, before: deadline)
            switch progress {
            case .done:
                certificate = tls.certificate()
                self.tls = tls
                return
            case .wantsMore:
                guard try receive(before: deadline, for: .handshake, { tls.feed($0) }) else {
                    throw .handshakeFailed("the connection was closed")
                }
            case .ended: throw .handshakeFailed("the connection was closed")
            case .failed(let reason): throw .handshakeFailed(reason)
            }
        }
    }

    /// Sends all of `bytes`.
    public func write(_ bytes: [UInt8], before deadline: Instant) throws(ClientError) {
        guard let tls else { return try send(bytes.span, before: deadline) }
        if case .failed(let reason) = tls.write(bytes) { throw .tlsBroken(reason) }
        try send(tls.takeOutput().span, before: deadline)
    }

    /// Appends the next bytes to `bytes`; false if the peer has ended its side.
    public func read(into bytes: inout [UInt8], before deadline: Instant) throws(ClientError) -> Bool {
        guard let tls else {
            return try receive(before: deadline, for: .answer) { piece in
                for index in piece.indices { bytes.append(piece[index]) }
            }
        }
        while true {
            switch tls.read(into: &bytes) {
            case .done: return true
            case .ended: return false
            case .failed(let reason): throw .tlsBroken(reason)
            case .wantsMore:
                // Many peers close without a close_notify, and HTTP's framing shows what is missing.
                guard try receive(before: deadline, for: .answer, { tls.feed($0) }) else { return false }
                // Messages of TLS itself, such as the answer to a new key.
                try send(tls.takeOutput().span, before: deadline)
            }
        }
    }

    /// Closes the connection; a second call does nothing.
    public func close() { socket.close() }

    private func send(_ bytes: Span<UInt8>, before deadline: Instant) throws(ClientError) {
        var sent = 0
        while sent < bytes.count {
            switch socket.write(bytes.extracting(sent..<bytes.count)) {
            case .bytes(let count): sent += count
            case .failed(let error): throw .broken(error)
            case .wouldBlock: try wait(for: .writable, before: deadline, step: .sending)
            }
        }
    }

    /// Calls `use` with the next bytes; false if the peer has ended its side. The deadline also holds for a peer that
    /// sends without end.
    private func receive(
        before deadline: Instant, for step: ClientStep, _ use: (Span<UInt8>) -> Void
    ) throws(ClientError) -> Bool {
        while true {
            guard SystemClock.monotonic() < deadline else { throw .timedOut(step) }
            switch socket.read(into: &piece) {
            case .bytes(let count):
                let bytes = piece
                use(bytes.span.extracting(first: count))
                return true
            case .ended: return false
            case .failed(let error): throw .broken(error)
            case .wouldBlock: try wait(for: .readable, before: deadline, step: step)
            }
        }
    }

    private func wait(for what: Readiness, before deadline: Instant, step: ClientStep) throws(ClientError) {
        let left = deadline - SystemClock.monotonic()
        guard left > .zero else { throw .timedOut(step) }
        // One millisecond more, since poll counts whole milliseconds: otherwise the last one would be spent in a busy
        // loop.
        _ = socket.wait(for: what, timeout: left + .milliseconds(1))
    }
}
