// SPDX-License-Identifier: MIT
import System

// Bytes in both directions.
extension OutgoingConnection {
    /// Writes bytes: to the socket at once where it takes them, and the rest later. Bytes written before the connection
    /// is open are sent once it is. A failure is reported as the connection's end.
    ///
    /// The queue has no limit of its own: whoever writes much watches `pendingBytes` and waits for
    /// `connectionDrained`.
    public func write(_ bytes: [UInt8]) {
        context.loop.assertIsCurrent()
        guard state != .closed, writeFailure == nil, !bytes.isEmpty else { return }
        let wasEmpty = output.isEmpty
        output.append(bytes)
        guard state == .open, wasEmpty else { return }
        flush()
        updateInterest()
        if !output.isEmpty { updateSilence() }
    }

    /// The bytes written that the kernel has not taken yet.
    public var pendingBytes: Int { output.count }

    /// Stops reading. What the peer sends waits in its system and in this one's, and then it has to wait. If the
    /// connection is reset in the meantime it ends at once.
    public func pause() { receive(atMost: 0) }

    /// Reads without limit again.
    public func resume() {
        guard allowance != nil else { return }
        allowance = nil
        readingChanged()
    }

    /// Reads at most `count` bytes from now on, and then pauses.
    public func receive(atMost count: Int) {
        context.loop.assertIsCurrent()
        allowance = max(0, count)
        readingChanged()
    }

    /// True while bytes are read.
    var isReading: Bool { allowance.map { $0 > 0 } ?? true }

    func ready(_ readiness: Readiness) {
        if state == .handshaking { return continueHandshake() }
        guard state == .open else { return }
        if readiness == .gone { return end(goneError) }
        if readiness == .writable { return writeRest() }
        read()
    }

    func updateInterest() {
        guard state == .open else { return }
        var wanted: Readiness = isReading ? .readable : []
        if !output.isEmpty { wanted.insert(.writable) }
        watch?.interest = wanted
    }

    func flush() {
        guard let socket else { return }
        while let (bytes, start) = output.front {
            switch socket.write(bytes.span.extracting(start..<bytes.count)) {
            case .bytes(let count):
                output.drop(count)
                if deadlines.isWatchingSilence { deadlines.moved(at: SystemClock.monotonic()) }
            case .wouldBlock: return
            case .failed(let error):
                writeFailure = error
                output = OutputQueue()
                // Of a peer that has closed, reading tells; of anything else, nothing would.
                if !error.isByPeer { endLater(error) }
                return
            }
        }
    }

    private func readingChanged() {
        guard state == .open else { return }
        updateInterest()
        updateSilence()
        readDecrypted()
    }

    private func writeRest() {
        flush()
        updateInterest()
        guard output.isEmpty else { return }
        updateSilence()
        if writeFailure == nil { delegate?.connectionDrained(self) }
    }

    private func read() {
        guard isReading, let socket else { return }
        context.withBuffer { buffer in
            switch socket.read(into: &buffer, atMost: allowance ?? .max) {
            case .bytes(let count):
                if deadlines.isWatchingSilence { deadlines.moved(at: SystemClock.monotonic()) }
                spend(count)
                delegate?.connection(self, received: buffer.span.extracting(0..<count))
                readDecrypted()
            case .wouldBlock: break
            case .ended: end(writeFailure)
            case .failed(let error): end(writeFailure ?? error)
            }
        }
    }

    private func spend(_ count: Int) {
        guard let allowance else { return }
        self.allowance = allowance - count
        guard !isReading else { return }
        updateInterest()
        updateSilence()
    }

    /// Continues in the next turn if OpenSSL has decrypted bytes that were not read, or found their end: no event tells of
    /// that.
    private func readDecrypted() {
        guard state == .open, isReading, let socket, socket.hasDecrypted else { return }
        context.later { [weak self] in
            guard let self, state == .open else { return }
            read()
        }
    }

    private var goneError: ClientError? {
        writeFailure ?? socket?.connectionError().map { .broken($0) }
    }
}
