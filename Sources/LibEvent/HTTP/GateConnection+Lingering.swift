// SPDX-License-Identifier: MIT
internal import CLibEvent
import Glibc
import System

/// The most bytes that a lingering peer may send: 8 MiB. A proxy sends a whole upload before it reads the answer; if it
/// cannot, it tells its client that the relay is broken.
private let maxDroppedBytes = 8 << 20

// Ending a connection whose peer may not have read everything.
//
// A system that closes a socket with unread bytes, or that receives bytes for it afterwards, resets the connection, and
// the peer discards what it has not read (RFC 9112 section 9.6). So the gate drops what arrives, and closes when the
// peer's system has acknowledged everything.
extension GateConnection {
    /// The state of a connection that only waits for its end.
    struct Linger {
        /// True if the peer was refused.
        let isRefused: Bool
        /// The number of bytes dropped so far.
        var droppedBytes = 0
        /// The moment at which the connection ends even if the peer still sends.
        var end = Instant.distantFuture
        var stallWatch = StallWatch()
    }

    /// The time to read the answer for a peer that sends nothing, and for any peer refused for lack of room.
    private static let quietTime = Duration.seconds(1)
    /// The longest time for a peer that still sends: a camera on a slow line that has begun a frame reads nothing
    /// before it has sent all of it.
    private static let longestSending = Duration.seconds(10)

    /// Ends the connection as soon as that cannot cost the peer any bytes that are with the kernel. The owner is told
    /// at once.
    func closeWhenReceived() {
        guard input.count > 0 || hasUnreadBytes || unacknowledgedByteCount > 0 else { return close(.byServer) }
        let owner = owner
        linger(isRefused: false)
        stopSending()
        owner?.didClose(.byServer)
    }

    /// Drops what the peer sends from now on, and ends the connection at the limits of `Linger`.
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

    /// Ends the sending side, which tells the peer that nothing follows.
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

    /// Ends a lingering connection at its deadline, unless its peer is a slow reader: while it accepts bytes within
    /// each stall limit, it gets the rest.
    func lingered(_ linger: Linger) {
        let count = unacknowledgedByteCount
        // A refused connection gets no more time, and a draining server waits for no slow reader.
        guard count > 0, isCounted, !gate.isDraining else { return close(.byServer) }
        var linger = linger
        let now = SystemClock.monotonic()
        let isStalled = linger.stallWatch.isStalled(at: count, now: now, limit: gate.limits.stallTimeout)
        state = .lingering(linger)
        if isStalled { return close(.stalled) }
        deadline = now + Self.quietTime
    }

    /// Ends the connection if its peer has accepted nothing within the stall limit; else the connection continues.
    func writeTimedOut() {
        let count = unsafe kernelByteCount + evbuffer_get_length(output)
        let limit = gate.limits.stallTimeout
        let isStalled = stallWatch.isStalled(
            at: count, now: SystemClock.monotonic(), limit: limit, waited: limit / StallWatch.looks)
        guard !isStalled else { return close(.stalled) }
        // libevent stops writing at each timeout.
        if unsafe writeEvent == nil { _ = unsafe bufferevent_enable(buffer, Int16(EV_WRITE)) }
    }

    /// The number of bytes handed to the kernel that the peer's system has not acknowledged; 0 for a unix socket, whose
    /// peer can read them even after the sender has gone.
    private var unacknowledgedByteCount: Int { peer == .unixSocket ? 0 : kernelByteCount }

    /// The number of bytes handed to the kernel that have not reached the peer, as the kernel counts them.
    private var kernelByteCount: Int {
        var count: Int32 = 0
        return unsafe ioctl(descriptor, UInt(TIOCOUTQ), &count) == 0 ? Int(count) : 0
    }
}
