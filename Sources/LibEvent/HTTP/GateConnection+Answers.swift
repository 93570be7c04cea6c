// SPDX-License-Identifier: MIT
internal import CLibEvent
import Glibc
import WireFormat

// Answers that do not pass through evhttp.
extension GateConnection {
    /// Sends `response` and ends the connection, dropping what still arrives for a moment so that the peer reads it.
    func answerAndClose(_ response: HTTPResponse) {
        // Connections beyond the limits get a word only while there are few of them.
        if !isCounted && !isRejectionCounted {
            guard gate.rejectedCount < Gate.maxRejected else { return close(.byServer) }
            isRejectionCounted = true
            gate.rejectedCount += 1
        }
        note(response)
        state = .rejected(droppedBytes: 0)
        setGateCallbacks()
        input.drop(input.count)
        deadline = SystemClock.monotonic() + Self.rejectionTime
        if !write(response, connection: "close") { drained() }
    }

    /// Sends an answer past evhttp: at once if nothing is pending, which saves two turns of the loop. True if something
    /// is left for the loop to send.
    @discardableResult
    func write(_ response: HTTPResponse, connection: String, followedBy opening: [UInt8] = []) -> Bool {
        var bytes = response.serializedHead(
            minorVersion: head?.minorVersion ?? 1, connection: connection, date: gate.date)
        let hasBody = head?.method != .head
        if hasBody, case .bytes(let body) = response.body { bytes += body }
        bytes += opening
        guard let output = unsafe bufferevent_get_output(buffer) else { return false }
        let isIdle = unsafe evbuffer_get_length(output) == 0
        unsafe bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            let progress = isIdle ? unsafe sendNow(source) : RecordSocket.Progress()
            guard progress.sent < source.count else { return }
            _ = unsafe evbuffer_add(output, start + progress.sent, source.count - progress.sent)
            // OpenSSL wants the bytes of a record that is made already in one piece.
            if progress.stuck > 0 { _ = unsafe evbuffer_pullup(output, progress.stuck) }
        }
        if hasBody, case .shared(let block, let range) = response.body { unsafe block.append(range, to: output) }
        return unsafe evbuffer_get_length(output) > 0
    }

    /// How far the kernel takes `bytes`: not at all on any error, which the loop meets when it writes the rest.
    private func sendNow(_ bytes: UnsafeRawBufferPointer) -> RecordSocket.Progress {
        if let tls { return tls.isOpen ? unsafe tls.write(bytes) : RecordSocket.Progress() }
        let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
        return RecordSocket.Progress(
            sent: max(0, unsafe send(bufferevent_getfd(buffer), bytes.baseAddress, bytes.count, flags)))
    }
}
