// SPDX-License-Identifier: MIT
internal import CLibEvent
import Glibc
import System

/// The listening sockets of one loop.
///
/// Confined to one event loop. Must be closed before it is released, since libevent accepts until then.
@safe
final class Listeners {
    private let loop: EventLoop
    /// The sockets, by the address of libevent's listener.
    private var all: [UInt: Listener] = [:]

    /// A listening socket.
    @safe
    private struct Listener {
        let pointer: OpaquePointer
        let isEncrypted: Bool
    }

    /// False while new connections wait in the kernel's queue.
    var isEnabled = true {
        didSet {
            guard isEnabled != oldValue else { return }
            for listener in all.values {
                _ =
                    unsafe isEnabled
                    ? evconnlistener_enable(listener.pointer) : evconnlistener_disable(listener.pointer)
            }
        }
    }

    init(on loop: EventLoop) { self.loop = loop }

    /// Accepts from `socket`, which belongs to the listeners from here on.
    func add(_ socket: ListenSocket) throws(SystemError) {
        let descriptor = socket.takeDescriptor()
        let options = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC
        // A backlog of 0: the socket listens already.
        guard let pointer = unsafe evconnlistener_new(loop.base, gateAccepted, nil, options, 0, descriptor) else {
            Glibc.close(descriptor)
            throw SystemError("evconnlistener_new", subject: socket.address)
        }
        all[UInt(bitPattern: pointer)] = unsafe Listener(pointer: pointer, isEncrypted: socket.isEncrypted)
        // Without an error callback, a lack of descriptors makes the listener spin.
        unsafe evconnlistener_set_error_cb(pointer, gateAcceptFailed)
    }

    /// Returns true if connections that `listener` accepts begin with TLS; nil if there is no such listener.
    func isEncrypted(_ listener: UInt) -> Bool? { all[listener]?.isEncrypted }

    /// Changes the stall limit of new connections.
    func setStallTimeout(_ timeout: Duration) {
        for listener in all.values {
            ListenSocket.setStallTimeout(timeout, ofListener: unsafe evconnlistener_get_fd(listener.pointer))
        }
    }

    /// Closes the sockets. Idempotent.
    func close() {
        for listener in all.values { unsafe evconnlistener_free(listener.pointer) }
        all.removeAll()
    }

    deinit { assert(all.isEmpty, "listeners are closed before they are released") }
}
