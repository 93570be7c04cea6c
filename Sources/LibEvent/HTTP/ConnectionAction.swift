// SPDX-License-Identifier: MIT

/// The stage of a connection, which names its current reader.
enum ConnectionStage: Equatable {
    /// Nobody: the connection waits for room.
    case entering
    /// The gate: it collects a request head.
    case awaitingHead
    /// The gate: there is no room for the connection, and the refusal is sent when its request begins to arrive.
    case refusing
    /// Nobody: an answer is being sent. With `isLast`, the connection ends after it.
    case answering(isLast: Bool)
    /// The connection's owner. With `isEnding`, nobody: the connection ends when everything is sent.
    case taken(isEnding: Bool)
    /// The gate: the last answer is being sent, and what still arrives is dropped. With `isRefused`, the answer is a
    /// refusal.
    case lingering(isRefused: Bool)
    /// Nobody.
    case closed
}

/// The reaction to an event, which the connection carries out.
enum ConnectionAction: Equatable {
    case none
    /// Read heads from the input while `readsHeads`, then report `headsEnded`.
    case readHeads
    /// Read the input that is left from an earlier turn.
    case readInput
    /// Drop the input, then report `dropped`.
    case dropInput
    /// Show the input to the owner, then report `ownerHasRead`.
    case showInput
    /// Tell the owner that everything is sent.
    case tellDrained
    /// Tell the owner that its deadline has passed.
    case tellDeadlinePassed
    /// Tell the owner that the peer sends nothing more.
    case tellEndReached
    /// Send the refusal for which the connection waits, as the last answer.
    case sendRefusal
    /// Refuse the request: its head was not complete in time.
    case refuseSlowHead
    /// Report the failed handshake, then end the connection.
    case failHandshake
    /// Report the answer as sent, and call `awaitNextRequest`.
    case awaitNextRequest
    /// Report the answer as sent, find out if the peer has received everything, and call `end`.
    case endWhenReceived
    /// Drop the input and stop sending; then tell the owner, if there is one, that its connection has ended.
    case linger
    /// End the sending side, then report `sendingStopped`.
    case stopSending
    /// Ask the kernel for the unacknowledged bytes, and report `lingered`.
    case askAcknowledged
    /// Let libevent write again after its timeout.
    case keepWriting
    /// Call `nextTurn` in the loop's next turn.
    case postpone
    /// End the connection now.
    case close(CloseReason)
}
