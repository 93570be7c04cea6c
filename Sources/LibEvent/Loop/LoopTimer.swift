// SPDX-License-Identifier: MIT
internal import CLibEvent
public import System

/// Calls a function on its loop, once or repeatedly.
///
/// Confined to one event loop. The timer ends with this object.
@safe
public final class LoopTimer {
    private var event: OpaquePointer?
    private let loop: EventLoop
    private let action: () -> Void

    /// Creates a timer that waits for `start`.
    /// - Parameters:
    ///   - isRepeating: true to fire every interval until cancelled, false to fire once per `start`.
    public init(on loop: EventLoop, isRepeating: Bool, _ action: @escaping () -> Void) throws(SystemError) {
        self.loop = loop
        self.action = action
        let flags = isRepeating ? Int16(EV_PERSIST) : 0
        unsafe event = unsafe event_new(loop.base, -1, flags, timerFired, CallbackContext.pointer(to: self))
        if unsafe event == nil { throw SystemError("event_new", subject: "timer") }
    }

    /// Fires after `interval`. A timer that is already running starts anew.
    public func start(after interval: Duration) {
        loop.assertIsCurrent()
        guard let event = unsafe event else { return }
        var time = timeval(interval)
        _ = unsafe event_add(event, &time)
    }

    /// Stops the timer until the next `start`.
    public func cancel() {
        loop.assertIsCurrent()
        if let event = unsafe event { _ = unsafe event_del(event) }
    }

    fileprivate func fire() { action() }

    deinit {
        if let event = unsafe event { unsafe event_free(event) }
    }
}

extension timeval {
    /// Rounds down to microseconds, and anything less up to one: libevent reads zero as "at once".
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let microseconds = Int(attoseconds / 1_000_000_000_000)
        self.init(tv_sec: Int(seconds), tv_usec: seconds == 0 ? max(1, microseconds) : microseconds)
    }
}

private func timerFired(_: Int32, _: Int16, context: UnsafeMutableRawPointer?) {
    guard let context = unsafe context else { return }
    unsafe CallbackContext.object(context, as: LoopTimer.self).fire()
}
