// SPDX-License-Identifier: MIT
internal import CLibEvent
import Glibc
import WireFormat

// How an answer leaves.
extension GateConnection {
    /// Sends `response` to the request under way; then waits for the next one if `isKept` and nobody wants the end.
    func answer(_ response: HTTPResponse, isKept: Bool) {
        let isLast = !isKept || gate.isDraining || hasPeerEnded && input.count == 0
        note(response)
        // The stall limit watches over what is pending, and a slow reader may take its time.
        deadline = .distantFuture
        answeredPurpose = if case .taken(let connection) = state { connection.purpose } else { .request }
        state = .answering(isLast: isLast)
        if write(response, connection: isLast ? "close" : "keep-alive") {
            // A next request waits until the answer is out: a peer that reads none must not pile them up here.
            if !isLast { pauseReading() }
        } else {
            answerIsOut(isLast: isLast)
        }
    }

    func answerIsOut(isLast: Bool) {
        reportAnswer()
        if isLast { closeWhenReceived() } else { resume() }
    }

    /// Sends `response` and ends the connection, dropping what still arrives for a moment so that the peer reads it.
    func answerAndClose(_ response: HTTPResponse) {
        note(response)
        linger(isRefused: true)
        guard write(response, connection: "close") else { return drained() }
        // Answers before this one fill the socket. The stall limit watches over a client that takes its time; one that
        // has no place here has none to take.
        if isCounted { deadline = .distantFuture }
    }

    /// Sends an answer: at once if nothing is pending, which saves two turns of the loop. True if something is left for
    /// the loop to send.
    @discardableResult
    func write(_ response: HTTPResponse, connection: String, followedBy opening: [UInt8] = []) -> Bool {
        var bytes = response.serializedHead(
            minorVersion: head?.minorVersion ?? 1, connection: connection, date: gate.date)
        let hasBody = head?.method != .head
        if hasBody, case .bytes(let body) = response.body { bytes += body }
        bytes += opening
        guard let output = unsafe output else { return false }
        let isIdle = !isOutputPending
        var isShared = false
        if hasBody, case .shared = response.body { isShared = true }
        unsafe bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            let progress = isIdle ? unsafe sendNow(source, isFollowed: isShared) : RecordSocket.Progress()
            guard progress.sent < source.count else { return }
            let rest = source.count - progress.sent
            _ = unsafe evbuffer_add(output, start + progress.sent, rest)
            // OpenSSL wants the bytes of a record that is made already in one piece.
            if progress.stuck > 0 { _ = unsafe evbuffer_pullup(output, progress.stuck) }
            hold(copiedBytes: rest)
        }
        if hasBody, case .shared(let block, let range) = response.body { unsafe send(range, of: block, output) }
        return isOutputPending
    }

    /// Sends a part of a block behind its head: what the kernel does not take at once is queued by reference.
    private func send(_ range: Range<Int>, of block: SharedBytes, _ output: OpaquePointer) {
        let parts = PartRanges(range)
        let progress: RecordSocket.Progress
        if isOutputPending {
            progress = RecordSocket.Progress()
        } else if let tls {
            progress = tls.isOpen ? tls.write(parts, of: .block(block)) : RecordSocket.Progress()
        } else {
            progress = RecordSocket.Progress(sent: block.send(parts, to: descriptor))
        }
        guard progress.sent < parts.byteCount else { return }
        unsafe block.append(parts, from: progress.sent, joining: progress.stuck, to: output)
        hold(block)
    }

    /// How far the kernel takes `bytes`: not at all on any error, which the loop meets when it writes the rest.
    /// - Parameter isFollowed: whether the kernel shall wait for more before it sends a segment that is not full.
    private func sendNow(_ bytes: UnsafeRawBufferPointer, isFollowed: Bool) -> RecordSocket.Progress {
        if let tls { return tls.isOpen ? unsafe tls.write(bytes) : RecordSocket.Progress() }
        let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL) | (isFollowed ? Int32(MSG_MORE) : 0)
        return RecordSocket.Progress(sent: max(0, unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, flags)))
    }
}
