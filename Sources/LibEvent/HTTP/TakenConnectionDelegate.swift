// SPDX-License-Identifier: MIT

/// The reason why a connection ended.
public enum CloseReason: String, Sendable {
    /// The peer closed or vanished.
    case byPeer = "peer"
    /// The server ended it: nothing was left to do.
    case byServer = "server"
    /// The peer accepted no byte for the stall limit.
    case stalled
    /// A deadline set by the owner passed.
    case tooSlow = "too-slow"
    /// The peer sent something that it must not.
    case abuse
    /// The connection held frame memory that was needed.
    case frameMemory = "frame-memory"
    /// The connection held memory of answers that was needed.
    case answerMemory = "answer-memory"
    /// The connection continues in another process.
    case handedOver = "handed-over"
}

/// The events of a taken connection, told to its owner. Called on the connection's loop.
public protocol TakenConnectionDelegate: AnyObject {
    /// Tells the owner that bytes have arrived. Bytes left in `input` are shown again with the next ones.
    func connection(_ connection: TakenConnection, received input: InputBuffer)
    /// Tells the owner that everything written is with the kernel.
    func connectionDrained(_ connection: TakenConnection)
    /// Tells the owner that the deadline set by `setDeadline` has passed; the connection is still open.
    func connectionDeadlinePassed(_ connection: TakenConnection)
    /// Tells the owner that the peer will send nothing more; it may still read. By default the connection is closed.
    func connectionReachedEnd(_ connection: TakenConnection)
    /// Tells the owner that the connection has ended; no other call follows.
    func connectionClosed(_ connection: TakenConnection, reason: CloseReason)
}

extension TakenConnectionDelegate {
    /// Closes the connection: half-closed connections of viewers and of interrupted requests are not worth keeping.
    public func connectionReachedEnd(_ connection: TakenConnection) { connection.close(.byPeer) }
}
