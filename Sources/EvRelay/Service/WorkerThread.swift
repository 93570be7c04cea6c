// SPDX-License-Identifier: MIT
import LibEvent

/// A worker on a thread of its own. The worker is made and released there.
struct WorkerThread {
    /// What a worker reports, from its own thread.
    enum Report: Sendable {
        case drained
        case failed(LibEventError)
    }

    private let thread: LoopThread

    /// Starts worker `index` of `relay`.
    init(
        _ relay: Relay, index: Int, sockets: [ListenSocket], report: @escaping @Sendable (Report) -> Void
    ) throws(LibEventError) {
        thread = try LoopThread(name: "evrelay-loop-\(index)") {
            do throws(LibEventError) {
                let worker = try Worker(relay, index: index, sockets: sockets) { report(.drained) }
                worker.run()
            } catch {
                report(.failed(error))
            }
        }
    }

    /// Waits for the worker's end.
    func join() { thread.join() }
}
