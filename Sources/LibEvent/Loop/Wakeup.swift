// SPDX-License-Identifier: MIT
internal import CLibEvent
internal import CSystem
import Synchronization
public import System

/// Runs a function on a loop when another thread asks for it.
///
/// `signal()` may be called from any thread at any time, also after `close()`. Created and closed on the loop's thread;
/// the function runs there, once for any number of signals that came before it ran.
@safe
public final class Wakeup: @unchecked Sendable {
    /// The libevent event. The mutex around it makes it Sendable.
    @safe
    private struct Handle: @unchecked Sendable {
        var event: OpaquePointer?
    }

    // Sendable because the event is only touched under the mutex, and `action` only on the loop's thread.
    private let handle = Mutex(Handle())
    private let loop: EventLoop
    private var action: (() -> Void)?

    /// - Throws: if memory runs out.
    public init(on loop: EventLoop, _ action: @escaping () -> Void) throws(SystemError) {
        self.loop = loop
        self.action = action
        guard let made = unsafe event_new(loop.base, -1, 0, wakeupFired, CallbackContext.pointer(to: self)) else {
            throw SystemError("event_new", subject: "wakeup")
        }
        let ready = unsafe Handle(event: made)
        handle.withLock { $0 = ready }
    }

    /// Requests a call. Costs one eventfd write from another thread, and only a queue entry from the loop's own.
    public func signal() {
        handle.withLock { handle in
            // The event is never added to the loop: activating it suffices, and libevent wakes the loop itself.
            if let event = unsafe handle.event { unsafe event_active(event, Int32(EV_READ), 0) }
        }
    }

    /// Ends the calls. Called on the loop's thread.
    public func close() {
        handle.withLock { handle in
            if let event = unsafe handle.event { unsafe event_free(event) }
            unsafe handle.event = nil
        }
        action = nil
    }

    fileprivate func fire() { action?() }

    deinit { close() }
}

private func wakeupFired(_: Int32, _: Int16, context: UnsafeMutableRawPointer?) {
    guard let context = unsafe context else { return }
    unsafe CallbackContext.object(context, as: Wakeup.self).fire()
}
