// SPDX-License-Identifier: MIT
internal import CLibEvent
import Crypto
import Glibc
import System

// Accepting: turns a socket into one of the gate's connections.
extension Gate {
    /// Takes over a socket that a listener has accepted. Closes it without an answer while the server is full, no
    /// connection is idle, and `maxRejected` refusals are under way.
    func accepted(_ descriptor: Int32, from peer: PeerAddress, isEncrypted: Bool) {
        if budget.isFull && idle.isEmpty && rejectedCount >= Self.maxRejected {
            handler?.gateRefused(.connectionsFull, peer: peer)
            Glibc.close(descriptor)
            return
        }
        guard
            let connection = isEncrypted ? makeEncrypted(descriptor, peer) : makePlain(descriptor, peer)
        else { return }
        connections[connection.key] = connection
        connection.enter()
    }

    private func makePlain(_ descriptor: Int32, _ peer: PeerAddress) -> GateConnection? {
        guard let buffer = unsafe makeBuffer(descriptor) else {
            Glibc.close(descriptor)
            return nil
        }
        return unsafe GateConnection(buffer, from: peer, tls: nil, of: self)
    }

    private func makeEncrypted(_ descriptor: Int32, _ peer: PeerAddress) -> GateConnection? {
        guard let context = tls?.context, let records,
            let buffer = unsafe TLSLink.makeBuffer(on: loop.base, descriptor, context)
        else {
            Glibc.close(descriptor)
            return nil
        }
        guard let link = unsafe TLSLink(buffer, context, records) else {
            // Closes the socket too.
            unsafe bufferevent_free(buffer)
            return nil
        }
        return unsafe GateConnection(buffer, from: peer, tls: link, of: self)
    }

    private func makeBuffer(_ descriptor: Int32) -> OpaquePointer? {
        unsafe bufferevent_socket_new(loop.base, descriptor, Int32(BEV_OPT_CLOSE_ON_FREE.rawValue))
    }

    /// Takes over a connection of an earlier process; nil if its peer has gone or it does not fit the limits.
    func restore(_ descriptor: Descriptor) -> TakenConnection? {
        guard descriptor.borrowed >= 0, let buffer = unsafe makeBuffer(descriptor.borrowed) else { return nil }
        // From here on the buffer closes it.
        _ = descriptor.take()
        let peer = unsafe PeerAddress(ofSocket: bufferevent_getfd(buffer))
        let connection = unsafe GateConnection(buffer, from: peer, tls: nil, of: self)
        connections[connection.key] = connection
        return connection.enterRestored()
    }
}
