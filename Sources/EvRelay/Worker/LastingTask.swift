// SPDX-License-Identifier: MIT

/// A long-lived task that has taken a connection over. Its worker keeps it until it ends, and asks it to end before the
/// process does.
///
/// Confined to its worker's loop. A task reports its end with `Worker.ended`.
protocol LastingTask: AnyObject {
    /// Ends the task as soon as that loses nothing. A stream goes on: `endStream` follows when no frame will come.
    func beginDraining()

    /// Ends a stream, as no more frames will come.
    func endStream(_ end: WorkerMail.StreamsEnd)

    /// The grant that the task depends on; nil if it needs no right.
    var held: HeldGrant? { get }

    /// Ends the task because its right has ended. `refusal` says why.
    func accessEnded(_ refusal: Refusal)
}

/// Defaults for tasks that are no stream and need no right.
extension LastingTask {
    func endStream(_ end: WorkerMail.StreamsEnd) {}

    var held: HeldGrant? { nil }

    func accessEnded(_ refusal: Refusal) {}
}
