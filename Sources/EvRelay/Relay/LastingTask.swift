// SPDX-License-Identifier: MIT

/// What a connection was taken over for and may last, beside viewers and waiting snapshots. Its worker knows it until it
/// ends, and asks it to end before the process does.
///
/// Confined to its worker's loop.
protocol LastingTask: AnyObject {
    /// Ends as soon as that loses nothing.
    func beginDraining()

    /// What it lives by; nil if it needs no right.
    var held: HeldGrant? { get }

    /// Ends because it may not go on; `refusal` says why.
    func accessEnded(_ refusal: ErrorAnswer)
}

/// Most need no right.
extension LastingTask {
    var held: HeldGrant? { nil }

    func accessEnded(_ refusal: ErrorAnswer) {}
}
