// SPDX-License-Identifier: MIT
internal import CLibEvent
import Glibc
import System

// Connections that outlive a process: detaching one, and taking it over in the next process.
extension GateConnection {
    /// Counts a connection of an earlier process and returns it for its new owner; nil if it does not fit the limits.
    func enterRestored() -> TakenConnection? {
        deadline = .distantFuture
        countedKey = addressKey
        guard case .admitted = gate.budget.admit(countedKey) else {
            close(.byServer)
            return nil
        }
        beCounted()
        let connection = TakenConnection(self)
        state = .taken(connection)
        startListening()
        return connection
    }

    /// Ends the connection here without its peer noticing. The result owns the socket, and the bytes that it has not
    /// taken yet. Nil, with nothing changed, if the connection has ended or has TLS, if more than `maxPendingBytes`
    /// wait, or if no descriptor is left.
    func detach(maxPendingBytes: Int) -> DetachedSocket? {
        if case .closed = state { return nil }
        let pendingCount = unsafe evbuffer_get_length(output)
        guard tls == nil, pendingCount <= maxPendingBytes, let copy = try? Descriptor(duplicating: descriptor) else {
            return nil
        }
        // A bufferevent freezes the front of its output, which then cannot even be read.
        _ = unsafe evbuffer_unfreeze(output, 1)
        let pending = unsafe output.map { unsafe InputBuffer(borrowing: $0).allBytes } ?? []
        _ = unsafe evbuffer_freeze(output, 1)
        guard pending.count == pendingCount else { return nil }
        close(.handedOver)
        return DetachedSocket(descriptor: copy, pendingBytes: pending)
    }
}
