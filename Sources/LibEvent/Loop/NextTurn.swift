// SPDX-License-Identifier: MIT
internal import CLibEvent
internal import CSystem
import Glibc
import System

/// Calls a function in its loop's next turn, after every socket has had its turn.
///
/// An event that a callback activates runs in the same turn, before any socket is polled, and a timer of zero waits for
/// libevent's coarse clock, some 4 ms. A readable descriptor is found together with the sockets.
///
/// Confined to one event loop. Closed with this object.
@safe
final class NextTurn {
    private let descriptor: Int32
    private let loop: EventLoop
    private var event: OpaquePointer?
    private let action: () -> Void
    private var isRequested = false

    /// - Throws: if no descriptor or no memory is left.
    init(on loop: EventLoop, _ action: @escaping () -> Void) throws(SystemError) {
        self.loop = loop
        self.action = action
        descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard descriptor >= 0 else { throw SystemError("eventfd", code: errno) }
        unsafe event = unsafe event_new(
            loop.base, descriptor, Int16(EV_READ | EV_PERSIST), nextTurnCame, CallbackContext.pointer(to: self))
        guard let event = unsafe event, unsafe event_add(event, nil) == 0 else { throw SystemError("event_new") }
    }

    /// Requests one call of the function, however often it is called until then.
    func request() {
        guard !isRequested else { return }
        isRequested = true
        var one: UInt64 = 1
        // Safe: write reads the eight bytes of `one`.
        _ = unsafe Glibc.write(descriptor, &one, 8)
    }

    fileprivate func come() {
        var count: UInt64 = 0
        // Safe: read writes at most the eight bytes of `count`.
        _ = unsafe read(descriptor, &count, 8)
        isRequested = false
        action()
    }

    deinit {
        if let event = unsafe event { unsafe event_free(event) }
        if descriptor >= 0 { close(descriptor) }
    }
}

private func nextTurnCame(_: Int32, _: Int16, context: UnsafeMutableRawPointer?) {
    guard let context = unsafe context else { return }
    unsafe CallbackContext.object(context, as: NextTurn.self).come()
}
