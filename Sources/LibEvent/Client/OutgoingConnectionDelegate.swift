// SPDX-License-Identifier: MIT

/// The events of an outgoing connection, told to its owner. Called on the loop, and never from within a call of the
/// owner's. In each of them the connection may be written to, paused, closed or released.
public protocol OutgoingConnectionDelegate: AnyObject {
    /// Tells the owner that the connection is made, and the TLS handshake with it.
    func connectionOpened(_ connection: OutgoingConnection)
    /// Hands over bytes that have arrived, at least one. They are valid during the call.
    func connection(_ connection: OutgoingConnection, received bytes: Span<UInt8>)
    /// Tells the owner that everything written after a pause of the socket is with the kernel. Not told for bytes that
    /// the kernel took at once.
    func connectionDrained(_ connection: OutgoingConnection)
    /// Tells the owner that the connection has ended and is closed; no other call follows. Not told after `close()`.
    ///
    /// - Parameter error: nil if the peer has ended its side, as after an answer without a length.
    func connection(_ connection: OutgoingConnection, endedWith error: ClientError?)
}

extension OutgoingConnectionDelegate {
    /// Does nothing: for owners that write little.
    public func connectionDrained(_ connection: OutgoingConnection) {}
}
