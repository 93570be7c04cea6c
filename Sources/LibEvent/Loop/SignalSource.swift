// SPDX-License-Identifier: MIT
internal import CLibEvent
import Glibc
public import System

/// Delivers a Unix signal as a call on its loop.
///
/// Confined to one event loop; libevent allows the signals of one process on one loop only (here the control loop).
@safe
public final class SignalSource {
    private var event: OpaquePointer?
    private let loop: EventLoop
    private let action: () -> Void

    /// Starts listening for `signal` at once.
    public init(_ signal: Int32, on loop: EventLoop, _ action: @escaping () -> Void) throws(SystemError) {
        self.loop = loop
        self.action = action
        let flags = Int16(EV_SIGNAL | EV_PERSIST)
        unsafe event = unsafe event_new(loop.base, signal, flags, signalArrived, CallbackContext.pointer(to: self))
        guard let event = unsafe event, unsafe event_add(event, nil) == 0 else {
            throw SystemError("event_new", subject: "signal \(signal)")
        }
    }

    /// Ignores SIGPIPE: a write to a connection that the peer has reset then returns an error instead of ending the
    /// process.
    public static func ignoreBrokenPipes() {
        _ = signal(SIGPIPE, SIG_IGN)
    }

    fileprivate func deliver() { action() }

    deinit {
        if let event = unsafe event { unsafe event_free(event) }
    }
}

private func signalArrived(_: Int32, _: Int16, context: UnsafeMutableRawPointer?) {
    guard let context = unsafe context else { return }
    unsafe CallbackContext.object(context, as: SignalSource.self).deliver()
}
