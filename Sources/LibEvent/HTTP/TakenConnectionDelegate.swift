// SPDX-License-Identifier: MIT

/// Why a connection ended.
public enum CloseReason: String, Sendable {
    /// The peer closed or vanished.
    case byPeer = "peer"
    /// The server was done with it.
    case byServer = "server"
    /// The peer accepted no byte for the stall limit.
    case stalled
    /// A deadline set by the owner passed.
    case tooSlow = "too-slow"
    /// The peer sent what it must not.
    case abuse
    /// It held frame memory that was needed.
    case frameMemory = "frame-memory"
    /// It held memory of answers that was needed.
    case answerMemory = "answer-memory"
    /// It goes on in another process.
    case handedOver = "handed-over"
}

/// What the owner of a taken connection is told. Confined to its loop.
public protocol TakenConnectionDelegate: AnyObject {
    /// Bytes have arrived; what is left in `input` is shown again with the next ones.
    func connection(_ connection: TakenConnection, received input: InputBuffer)
    /// Everything written is with the kernel.
    func connectionDrained(_ connection: TakenConnection)
    /// The deadline set by `setDeadline` passed; the connection is still open.
    func connectionDeadlinePassed(_ connection: TakenConnection)
    /// The peer will send nothing more; it may still read. By default the connection is closed.
    func connectionReachedEnd(_ connection: TakenConnection)
    /// The connection is gone; no other call follows.
    func connectionClosed(_ connection: TakenConnection, reason: CloseReason)
}

extension TakenConnectionDelegate {
    /// Half-closed connections of viewers and of requests cut short are not worth keeping.
    public func connectionReachedEnd(_ connection: TakenConnection) { connection.close(.byPeer) }
}
