// SPDX-License-Identifier: MIT

/// A long-lived task that has taken a connection over, other than a viewer or a waiting snapshot. Its worker keeps it
/// until it ends, and asks it to end before the process does.
///
/// Confined to its worker's loop.
protocol LastingTask: AnyObject {
    /// Ends the task as soon as that loses nothing.
    func beginDraining()

    /// The grant that the task depends on; nil if it needs no right.
    var held: HeldGrant? { get }

    /// Ends the task because its right has ended. `refusal` says why.
    func accessEnded(_ refusal: Refusal)
}

/// Defaults for tasks that need no right, which are most.
extension LastingTask {
    var held: HeldGrant? { nil }

    func accessEnded(_ refusal: Refusal) {}
}
