// SPDX-License-Identifier: MIT

/// What a connection was taken over for and may last, beside viewers and waiting snapshots. Its worker knows it until it
/// ends, and asks it to end before the process does.
///
/// Confined to its worker's loop.
protocol LastingTask: AnyObject {
    /// Ends as soon as that loses nothing.
    func beginDraining()
}
