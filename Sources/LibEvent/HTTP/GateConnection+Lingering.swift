// SPDX-License-Identifier: MIT
internal import CLibEvent
import Glibc

/// The bytes that a lingering peer may go on sending. A proxy sends a whole upload before it reads the answer, and tells its client
/// of a broken relay if it cannot.
private let maxDroppedBytes = 8 << 20

// How a connection ends whose peer may not have read everything.
//
// A system that closes a socket with something unread, or that receives something for it afterwards, resets the connection,
// and the peer throws away what it has not read (RFC 9112 section 9.6). So the gate closes when the peer's system has
// acknowledged everything, and drops what comes until then.
extension GateConnection {
    /// The state of a connection that only waits for its end.
    struct Linger {
        /// True if the peer was refused.
        let isRefused: Bool
        /// The number of bytes that the peer has sent in the meantime.
        var droppedBytes = 0
        /// A peer that goes on sending is dropped then.
        var end = Instant.distantFuture
        var stallWatch = StallWatch()
    }

    /// The time to read its answer for a peer that sends nothing, and for any that has no place here.
    private static let quietTime = Duration.seconds(1)
    /// A camera on a slow line that has begun to send a frame reads nothing before it has sent all of it.
    private static let longestSending = Duration.seconds(10)

    /// Ends the connection as soon as that cannot cost the peer anything that is with the kernel. An owner is told at once.
    func closeWhenReceived() {
        guard input.count > 0 || hasUnreadBytes || unacknowledgedByteCount > 0 else { return close(.byServer) }
        let owner = owner
        linger(isRefused: false)
        stopSending()
        owner?.didClose(.byServer)
    }

    /// Drops from now on what the peer sends, and ends the connection when that is enough.
    func linger(isRefused: Bool) {
        state = .lingering(Linger(isRefused: isRefused))
        limitLinger(since: SystemClock.monotonic())
        input.drop(input.count)
        resumeReading()
    }

    private func limitLinger(since now: Instant) {
        guard case .lingering(var linger) = state else { return }
        linger.end = now + (isCounted ? Self.longestSending : Self.quietTime)
        state = .lingering(linger)
        deadline = now + Self.quietTime
    }

    /// Tells the peer that nothing follows; it reads to this end.
    func stopSending() {
        limitLinger(since: SystemClock.monotonic())
        tls?.sayGoodbye()
        shutdown(descriptor, Int32(SHUT_WR))
        reportAnswer()
        if hasPeerEnded { close(.byServer) }
    }

    func dropInput(of linger: Linger) {
        var linger = linger
        let input = input
        linger.droppedBytes += input.count
        input.drop(input.count)
        state = .lingering(linger)
        if linger.droppedBytes > maxDroppedBytes { return close(.byServer) }
        // While the answer is pending, the stall limit decides.
        guard deadline < .distantFuture else { return }
        deadline = min(linger.end, SystemClock.monotonic() + Self.quietTime)
    }

    /// Lets a slow reader have the rest while it takes some of it within each stall limit.
    func lingered(_ linger: Linger) {
        let count = unacknowledgedByteCount
        // Whoever has no place here does not get one this way, and a server's end waits for no slow reader.
        guard count > 0, isCounted, !gate.isDraining else { return close(.byServer) }
        var linger = linger
        let now = SystemClock.monotonic()
        let isStalled = linger.stallWatch.isStalled(at: count, now: now, limit: gate.limits.stallTimeout)
        state = .lingering(linger)
        if isStalled { return close(.stalled) }
        deadline = now + Self.quietTime
    }

    /// Ends a connection whose peer has taken nothing within the stall limit; one whose peer does goes on.
    func writeTimedOut() {
        let count = unsafe kernelByteCount + evbuffer_get_length(output)
        let limit = gate.limits.stallTimeout
        let isStalled = stallWatch.isStalled(
            at: count, now: SystemClock.monotonic(), limit: limit, waited: limit / StallWatch.looks)
        guard !isStalled else { return close(.stalled) }
        // libevent stops writing with each timeout.
        if unsafe writeEvent == nil { _ = unsafe bufferevent_enable(buffer, Int16(EV_WRITE)) }
    }

    /// The number of bytes that were handed to the kernel and the peer's system has not acknowledged; 0 for a unix socket, whose peer reads what
    /// was sent whatever becomes of the sender.
    private var unacknowledgedByteCount: Int { peer == .unixSocket ? 0 : kernelByteCount }

    /// What of the bytes that were handed to the kernel has not reached the peer, in the kernel's own count.
    private var kernelByteCount: Int {
        var count: Int32 = 0
        return unsafe ioctl(descriptor, UInt(TIOCOUTQ), &count) == 0 ? Int(count) : 0
    }
}
