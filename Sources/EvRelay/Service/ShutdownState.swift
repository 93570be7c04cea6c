// SPDX-License-Identifier: MIT

/// How far a shutdown has come. Pure: told what happens, it answers what to do.
struct ShutdownState: Equatable, Sendable {
    /// What the service has to do next.
    enum Action: Equatable, Sendable {
        case nothing
        /// Ask the workers to finish what is under way, and start the clock.
        case drain
        /// Ask the workers to leave their loops.
        case stop
        /// End the process with this status, at once.
        case exit(Int32)
    }

    private enum Phase: Equatable {
        case serving
        case draining(workersLeft: Int)
        case stopped
    }

    private let workers: Int
    private var phase = Phase.serving

    /// A service with this many workers, all serving.
    init(workers: Int) {
        self.workers = workers
    }

    /// True from the first request to shut down.
    var isShuttingDown: Bool { phase != .serving }

    /// SIGTERM, SIGINT or a call asks for the end; a second signal does not wait.
    /// - Parameter signal: nil for a call.
    mutating func shutdownRequested(signal: Int32?) -> Action {
        guard phase == .serving else { return signal.map { .exit(128 + $0) } ?? .nothing }
        phase = .draining(workersLeft: workers)
        return .drain
    }

    /// A worker has nothing left.
    mutating func workerDrained() -> Action {
        guard case .draining(let left) = phase else { return .nothing }
        guard left <= 1 else {
            phase = .draining(workersLeft: left - 1)
            return .nothing
        }
        phase = .stopped
        return .stop
    }

    /// The drain time is over.
    mutating func deadlinePassed() -> Action {
        guard case .draining = phase else { return .nothing }
        phase = .stopped
        return .stop
    }

    /// A worker could not start or its loop broke.
    mutating func workerFailed() -> Action {
        guard phase != .stopped else { return .nothing }
        phase = .stopped
        return .stop
    }
}
