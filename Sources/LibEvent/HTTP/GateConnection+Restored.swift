// SPDX-License-Identifier: MIT
internal import CLibEvent
import Glibc

// Connections that outlive a process: how one leaves, and how the next process takes it up.
extension GateConnection {
    /// True if an earlier process has accepted the connection.
    var isRestored: Bool { unsafe evhttpConnection == nil }

    /// Counts a connection that an earlier process had, and hands it over to its new owner; nil if it does not fit.
    func enterRestored() -> TakenConnection? {
        countedKey = addressKey
        guard case .admitted = gate.budget.admit(countedKey) else {
            close(.byServer)
            return nil
        }
        isCounted = true
        let connection = TakenConnection(self)
        state = .taken(connection)
        setGateCallbacks()
        return connection
    }

    /// Ends the connection here without its peer noticing: the socket lives on in the result, with the bytes that it has
    /// not taken yet. Nil, and nothing has changed, if those are more than `maxPendingBytes` or no descriptor is left.
    func detach(maxPendingBytes: Int) -> DetachedSocket? {
        if case .closed = state { return nil }
        let output = unsafe bufferevent_get_output(buffer)
        let pendingCount = unsafe evbuffer_get_length(output)
        guard pendingCount <= maxPendingBytes else { return nil }
        let number = unsafe bufferevent_getfd(buffer)
        guard let copy = try? Descriptor(duplicating: number), let blank = gate.blankDescriptor else { return nil }
        // A bufferevent freezes the front of its output, which then cannot even be read.
        _ = unsafe evbuffer_unfreeze(output, 1)
        let pending = unsafe output.map { unsafe InputBuffer(borrowing: $0).allBytes } ?? []
        _ = unsafe evbuffer_freeze(output, 1)
        guard pending.count == pendingCount else { return nil }
        _ = unsafe bufferevent_disable(buffer, Int16(EV_READ | EV_WRITE))
        // evhttp shuts the socket of a connection down before it closes it, which would end the copy too; so the number
        // gets another file first.
        dup2(blank, number)
        close(.handedOver)
        return DetachedSocket(descriptor: copy, pendingBytes: pending)
    }
}
