// SPDX-License-Identifier: MIT
internal import CLibEvent

// How a connection that evhttp has accepted becomes one of the gate's.
extension Gate {
    /// A buffer that evhttp was given for a new connection.
    @safe
    struct Arriving {
        let buffer: OpaquePointer
        /// Nil for one without TLS.
        let encryption: Encryption?
    }

    /// What a connection with TLS is made of.
    struct Encryption {
        let context: TLSServerContext
        let records: RecordRoom
    }

    /// A buffer for a connection that evhttp has just accepted; nil, or one that cannot take its socket, refuses it.
    func makeBuffer(isEncrypted: Bool) -> OpaquePointer? {
        if budget.isFull && rejectedCount >= Self.maxRejected {
            handler?.gateRefused(.connectionsFull, peer: nil)
            return unsafe Self.makeBufferWithoutSocket(on: loop.base)
        }
        let encryption = isEncrypted ? makeEncryption() : nil
        let buffer: OpaquePointer?
        if !isEncrypted {
            let options = Int32(BEV_OPT_CLOSE_ON_FREE.rawValue)
            unsafe buffer = unsafe bufferevent_socket_new(loop.base, -1, options)
        } else if let encryption {
            unsafe buffer = TLSLink.makeBuffer(on: loop.base, encryption.context)
        } else {
            unsafe buffer = nil
        }
        // Without memory or certificate: evhttp would make a buffer of its own if it got none.
        guard let buffer = unsafe buffer else { return unsafe Self.makeBufferWithoutSocket(on: loop.base) }
        // Held until adopted: evhttp may drop the connection in between.
        unsafe bufferevent_incref(buffer)
        unsafe arriving.append(Arriving(buffer: buffer, encryption: encryption))
        if let adoptEvent = unsafe adoptEvent { unsafe event_active(adoptEvent, 0, 0) }
        return unsafe buffer
    }

    private func makeEncryption() -> Encryption? {
        guard let context = tls?.context, let records else { return nil }
        return Encryption(context: context, records: records)
    }

    func adoptArrived() {
        let arrived = arriving
        arriving.removeAll(keepingCapacity: true)
        for entry in arrived {
            if let connection = unsafe GateConnection(adopting: entry.buffer, entry.encryption, by: self) {
                connections[connection.key] = connection
                connection.enter()
            }
            _ = unsafe bufferevent_decref(entry.buffer)
        }
    }

    /// evhttp cannot be told to refuse a connection. Given a buffer that cannot take a socket it closes the socket at
    /// once; one end of a pair is such a buffer.
    private static func makeBufferWithoutSocket(on base: OpaquePointer) -> OpaquePointer? {
        unsafe withUnsafeTemporaryAllocation(of: OpaquePointer?.self, capacity: 2) { pair in
            unsafe pair.initialize(repeating: nil)
            let options = Int32(BEV_OPT_CLOSE_ON_FREE.rawValue)
            guard unsafe bufferevent_pair_new(base, options, pair.baseAddress) == 0 else { return nil }
            unsafe bufferevent_free(pair[1])
            return unsafe pair[0]
        }
    }
}
