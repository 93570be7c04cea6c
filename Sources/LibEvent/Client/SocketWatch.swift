// SPDX-License-Identifier: MIT
internal import CLibEvent
import Glibc
import System

/// Tells when a socket can be read or written, and while neither is asked for, when it is gone.
///
/// Confined to one event loop. Does not own the descriptor, and must be closed before it. After `close()` nothing is told
/// any more.
@safe
final class SocketWatch {
    private let descriptor: Int32
    private let loop: EventLoop
    private var reading: OpaquePointer?
    private var writing: OpaquePointer?
    /// Edge-triggered, so that bytes that nobody reads do not wake the loop over and over. libevent allows no other
    /// event of the socket beside it.
    private var ending: OpaquePointer?
    private var action: ((Readiness) -> Void)?
    private var watched: Readiness?

    /// Watches nothing until `interest` is set.
    ///
    /// - Parameter action: called on the loop. `Readiness.gone` is told only while the interest is empty.
    init(
        _ descriptor: Int32, on loop: EventLoop, _ action: @escaping (Readiness) -> Void
    ) throws(SystemError) {
        self.descriptor = descriptor
        self.loop = loop
        self.action = action
        let context = unsafe CallbackContext.pointer(to: self)
        unsafe reading = unsafe event_new(
            loop.base, descriptor, Int16(EV_READ | EV_PERSIST), socketReady, context)
        unsafe writing = unsafe event_new(
            loop.base, descriptor, Int16(EV_WRITE | EV_PERSIST), socketReady, context)
        unsafe ending = unsafe event_new(
            loop.base, descriptor, Int16(EV_READ | EV_PERSIST) | Int16(EV_ET), socketReady, context)
        guard unsafe reading != nil, unsafe writing != nil, unsafe ending != nil else {
            throw SystemError("event_new", subject: "socket")
        }
    }

    /// The operations that are waited for; nil, the initial value, for nothing at all.
    var interest: Readiness? {
        get { watched }
        set {
            guard action != nil, newValue != watched else { return }
            // What is not needed leaves first: see `ending`.
            let isEnding = newValue == []
            if !isEnding, watched == [] { unsafe set(ending, false) }
            let wanted = newValue ?? []
            unsafe set(reading, wanted.contains(.readable))
            unsafe set(writing, wanted.contains(.writable))
            if isEnding { unsafe set(ending, true) }
            watched = newValue
        }
    }

    /// Ends the watch. Idempotent.
    func close() {
        action = nil
        unsafe free(&reading)
        unsafe free(&writing)
        unsafe free(&ending)
    }

    private func free(_ event: inout OpaquePointer?) {
        if let event = unsafe event { unsafe event_free(event) }
        unsafe event = nil
    }

    private func set(_ event: OpaquePointer?, _ isAdded: Bool) {
        guard let event = unsafe event else { return }
        // Neither does anything where nothing changes.
        if isAdded { _ = unsafe event_add(event, nil) } else { _ = unsafe event_del(event) }
    }

    fileprivate func ready(_ what: Int16) {
        guard let action, let watched else { return }
        if watched.isEmpty {
            if isGone { action(.gone) }
            return
        }
        let bits: Readiness = what & Int16(EV_WRITE) != 0 ? .writable : .readable
        if watched.contains(bits) { action(bits) }
    }

    /// True if the connection is reset or ended on both sides.
    private var isGone: Bool {
        var entry = pollfd(fd: descriptor, events: 0, revents: 0)
        // Safe: one entry is passed, and the count says one.
        return unsafe poll(&entry, 1, 0) > 0
    }

    deinit { close() }
}

private func socketReady(_: Int32, what: Int16, context: UnsafeMutableRawPointer?) {
    guard let context = unsafe context else { return }
    unsafe CallbackContext.object(context, as: SocketWatch.self).ready(what)
}
