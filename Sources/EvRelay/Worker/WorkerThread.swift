// SPDX-License-Identifier: MIT
import LibEvent
import System

/// A worker on a thread of its own, on which it is also made and released.
struct WorkerThread {
    /// A worker's report, from its own thread.
    enum Report: Sendable {
        /// Only viewers are left, and no frame will come from this loop.
        case requestsFinished
        /// Nothing is left.
        case drained
        case failed(SystemError)
    }

    private let thread: LoopThread

    /// Starts worker `index` of `relay`.
    init(
        _ relay: Relay, index: Int, _ start: Worker.Start, report: @escaping @Sendable (Report) -> Void
    ) throws(SystemError) {
        thread = try LoopThread(name: "evrelay-loop-\(index)") {
            do throws(SystemError) {
                let worker = try Worker(relay, index: index, start, report: report)
                worker.run()
            } catch {
                report(.failed(error))
            }
        }
    }

    /// Waits for the worker's end.
    func join() { thread.join() }
}
