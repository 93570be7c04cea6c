// SPDX-License-Identifier: MIT
internal import CLibEvent
import Crypto
import Glibc
import System
import WireFormat

// Sending answers.
extension GateConnection {
    /// Sends `response` to the request under way. Then waits for the next request if `isKept`, unless the server is
    /// draining or the peer has ended its side.
    func answer(_ response: HTTPResponse, isKept: Bool) {
        let isLast = !isKept || gate.isDraining || hasPeerEnded && input.count == 0
        note(response)
        // The stall limit applies to pending bytes; a slow reader has no deadline.
        deadline = .distantFuture
        answeredPurpose = if case .taken(let connection) = state { connection.purpose } else { .request }
        state = .answering(isLast: isLast)
        if write(response, connection: isLast ? "close" : "keep-alive") {
            // The next request waits until the answer is sent: a peer that does not read must not accumulate answers
            // here.
            if !isLast { pauseReading() }
        } else {
            answerIsOut(isLast: isLast)
        }
    }

    func answerIsOut(isLast: Bool) {
        reportAnswer()
        if isLast { closeWhenReceived() } else { resume() }
    }

    /// Sends `response` and ends the connection. For a moment before the end it drops what still arrives, so that the
    /// peer can read the response.
    func answerAndClose(_ response: HTTPResponse) {
        note(response)
        linger(isRefused: true)
        guard write(response, connection: "close") else { return drained() }
        // Earlier answers fill the socket. The stall limit applies to a slow client; a refused one keeps its short
        // deadline.
        if isCounted { deadline = .distantFuture }
    }

    /// Sends an answer, directly if nothing is pending, which saves two turns of the loop. True if bytes are left for
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
            // OpenSSL needs the bytes of a record that it has already made in one piece.
            if progress.stuck > 0 { _ = unsafe evbuffer_pullup(output, progress.stuck) }
            hold(copiedBytes: rest)
        }
        if hasBody, case .shared(let block, let range) = response.body { unsafe send(range, of: block, output) }
        return isOutputPending
    }

    /// Sends a part of a block after its head; what the kernel does not take at once is queued by reference.
    private func send(_ range: Range<Int>, of block: SharedBytes, _ output: OpaquePointer) {
        let parts = PartRanges(range)
        let progress: RecordSocket.Progress
        if isOutputPending {
            progress = RecordSocket.Progress()
        } else if let tls {
            progress = tls.isOpen ? tls.write(parts, of: block) : RecordSocket.Progress()
        } else {
            progress = RecordSocket.Progress(sent: block.send(parts, to: descriptor))
        }
        guard progress.sent < parts.byteCount else { return }
        unsafe block.append(parts, from: progress.sent, joining: progress.stuck, to: output)
        hold(block)
    }

    /// Sends as many of `bytes` as the kernel takes: none on any error, which the loop meets when it writes the rest.
    /// - Parameter isFollowed: true if more bytes follow; the kernel then waits for them before it sends a segment that
    ///   is not full.
    private func sendNow(_ bytes: UnsafeRawBufferPointer, isFollowed: Bool) -> RecordSocket.Progress {
        if let tls { return tls.isOpen ? unsafe tls.write(bytes) : RecordSocket.Progress() }
        let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL) | (isFollowed ? Int32(MSG_MORE) : 0)
        return RecordSocket.Progress(sent: max(0, unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, flags)))
    }
}
