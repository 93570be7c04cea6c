// SPDX-License-Identifier: MIT
import LibEvent

/// The code above a worker: it answers the worker's requests, and continues the streams of an earlier process.
///
/// Confined to its worker's loop.
protocol WorkerHandler: HTTPHandler {
    /// Begins to answer for `worker`, or continues with the worker's new settings.
    func serve(_ worker: Worker)

    /// Continues the stream of an earlier process's viewer, if its right and the limits still allow it.
    func restore(_ saved: Handover.Viewer, on worker: Worker)

    /// Releases the worker, whose last connection has ended.
    func end()
}
