// SPDX-License-Identifier: MIT
// Glibc's module map leaves <sys/epoll.h> out; the shim has it.
import CSystem
import Glibc
public import System

/// Waits for many sockets at once (epoll, level-triggered).
///
/// Confined to one thread. A closed socket leaves the poller by itself; its token may still be in the events of an
/// earlier wait. Safe although epoll_event holds a union with a pointer: only its number is used.
@safe public final class Poller {
    /// A socket that is ready.
    public struct Event: Equatable, Sendable {
        /// The token that `add` was given for the socket.
        public let token: Int
        /// The operations it is ready for.
        public let readiness: Readiness
    }

    private let descriptor: Int32
    private var kernelEvents: [epoll_event]

    /// Creates an empty poller that reports at most `batch` sockets (1 or more) per wait.
    public init(batch: Int = 64) throws(LibEventError) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        // Safe: an event of zeros is a valid one, and each is written by the kernel before it is read.
        unsafe kernelEvents = Array(repeating: epoll_event(), count: max(1, batch))
        guard descriptor >= 0 else { throw LibEventError("epoll_create1", code: errno) }
    }

    deinit {
        if descriptor >= 0 { _ = close(descriptor) }
    }

    /// Watches a socket. With an empty `what`, only its failure (`Readiness.gone`) is reported.
    public func add(_ socket: ClientSocket, token: Int, for what: Readiness) throws(LibEventError) {
        try control(EPOLL_CTL_ADD, socket, token, what)
    }

    /// Changes the operations that a socket is watched for.
    public func modify(_ socket: ClientSocket, token: Int, for what: Readiness) throws(LibEventError) {
        try control(EPOLL_CTL_MOD, socket, token, what)
    }

    /// Stops watching a socket.
    public func remove(_ socket: ClientSocket) throws(LibEventError) {
        try control(EPOLL_CTL_DEL, socket, 0, [])
    }

    /// Waits until a socket is ready or the time (zero or more, precise to the microsecond) is over, and replaces
    /// `events`.
    public func wait(timeout: Duration, into events: inout [Event]) throws(LibEventError) {
        events.removeAll(keepingCapacity: true)
        let nanoseconds = max(0, timeout.wholeNanoseconds)
        var time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        let room = unsafe Int32(clamping: kernelEvents.count)
        // Safe: the kernel writes at most as many events as the array has, and reads one timespec, during the call. The
        // array itself is passed, since newer versions of glibc take no pointer that may be nil.
        let count = unsafe epoll_pwait2(descriptor, &kernelEvents, room, &time, nil)
        if count < 0 {
            if errno == EINTR { return }
            throw LibEventError("epoll_pwait2", code: errno)
        }
        for index in 0..<Int(count) {
            // Safe: every event was registered with u64 set, so that member of the union is the one to read.
            let (token, bits) = unsafe (kernelEvents[index].data.u64, kernelEvents[index].events)
            events.append(Event(token: Int(truncatingIfNeeded: token), readiness: Readiness(rawValue: bits)))
        }
    }

    private func control(
        _ operation: Int32, _ socket: ClientSocket, _ token: Int, _ what: Readiness
    ) throws(LibEventError) {
        // Safe: the union is written by the member that `wait` reads.
        let data = unsafe epoll_data_t(u64: UInt64(truncatingIfNeeded: token))
        var event = unsafe epoll_event(events: what.rawValue, data: data)
        // Safe: the kernel copies the event during the call.
        guard unsafe epoll_ctl(descriptor, operation, socket.descriptor, &event) == 0 else {
            throw LibEventError("epoll_ctl", code: errno)
        }
    }
}
