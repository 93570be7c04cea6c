// SPDX-License-Identifier: MIT
internal import CLibEvent
import Glibc
public import System

/// One libevent base, run by one thread.
///
/// Confined to one event loop: created, run and released on one thread. Only `Wakeup.signal()` may reach it from other
/// threads. Objects made on a loop retain it.
@safe
public final class EventLoop {
    let base: OpaquePointer
    /// The thread that made the loop, and runs it.
    private let thread = pthread_self()

    /// True once locking is switched on. Without it before the first base exists, `event_active` from another thread is
    /// a race.
    private static let hasThreadSupport: Bool = {
        LibEventLog.install()
        return evthread_use_pthreads() == 0
    }()

    /// - Parameter isPrecise: true for timers that are precise to some microseconds instead of a millisecond or four, at
    ///   the cost of a system call in each turn.
    /// - Throws: if libevent finds no way to wait for events or memory runs out.
    public init(isPrecise: Bool = false) throws(SystemError) {
        guard Self.hasThreadSupport else { throw SystemError("evthread_use_pthreads") }
        guard let configuration = unsafe event_config_new() else { throw SystemError("event_config_new") }
        defer { unsafe event_config_free(configuration) }
        if isPrecise { _ = unsafe event_config_set_flag(configuration, Int32(EVENT_BASE_FLAG_PRECISE_TIMER.rawValue)) }
        guard let base = unsafe event_base_new_with_config(configuration) else { throw SystemError("event_base_new") }
        unsafe self.base = base
    }

    /// Asserts, in debug builds, that the caller is on the loop's thread, as everything must be that is confined to it.
    public func assertIsCurrent() {
        assert(pthread_equal(thread, pthread_self()) != 0, "called on another thread than its event loop's")
    }

    /// Handles events until `stop()`, even while there is none to wait for.
    public func run() {
        _ = unsafe event_base_loop(base, EVLOOP_NO_EXIT_ON_EMPTY)
    }

    /// Waits for events and handles those that have come, once: for programs that do one thing after the other.
    public func runTurn() {
        _ = unsafe event_base_loop(base, EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY)
    }

    /// Ends `run()` after the callback under way.
    public func stop() {
        unsafe event_base_loopbreak(base)
    }

    /// The duration of the turn under way, up to 4 ms too long: libevent reads the turn's beginning from a coarse
    /// clock.
    var turnDuration: Duration {
        var began = timeval()
        var now = timeval()
        guard unsafe event_base_gettimeofday_cached(base, &began) == 0, unsafe gettimeofday(&now, nil) == 0 else {
            return .zero
        }
        return .microseconds((now.tv_sec - began.tv_sec) * 1_000_000 + now.tv_usec - began.tv_usec)
    }

    /// The kernel interface in use, such as "epoll".
    public var backend: String { unsafe event_base_get_method(base).map { unsafe String(cString: $0) } ?? "unknown" }

    /// libevent's version, such as "2.1.12-stable".
    public static var libraryVersion: String {
        unsafe event_get_version().map { unsafe String(cString: $0) } ?? "unknown"
    }

    deinit {
        unsafe event_base_free(base)
    }
}
