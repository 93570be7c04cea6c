// SPDX-License-Identifier: MIT

/// How far a shutdown has come. Pure: told what happens, it answers what to do.
///
/// First the requests under way are finished on all loops: a frame that is accepted on one may have its viewers on another.
/// Only then the streams end.
struct ShutdownState: Equatable, Sendable {
    /// What the service has to do next.
    enum Action: Equatable, Sendable {
        case nothing
        /// Ask the workers to finish the requests under way, and start the clock.
        case drain
        /// Ask the workers to end the streams, or to leave them to the next process.
        case endStreams(handsOver: Bool)
        /// Ask the workers to leave their loops.
        case stop
        /// End the process with this status, at once.
        case exit(Int32)
    }

    private enum Phase: Equatable {
        case serving
        case finishingRequests(workersLeft: Int)
        case finishingStreams(workersLeft: Int)
        case stopped
    }

    private let workers: Int
    private var handsOver = false
    private var phase = Phase.serving

    /// A service with this many workers, all serving.
    init(workers: Int) {
        self.workers = workers
    }

    /// True from the first request to shut down.
    var isShuttingDown: Bool { phase != .serving }

    /// SIGTERM, SIGINT or a call asks for the end; a second signal does not wait.
    /// - Parameters:
    ///   - signal: nil for a call.
    ///   - handsOver: true if the next process goes on with the viewers.
    mutating func shutdownRequested(signal: Int32?, handsOver: Bool = false) -> Action {
        guard phase == .serving else { return signal.map { .exit(128 + $0) } ?? .nothing }
        self.handsOver = handsOver
        phase = .finishingRequests(workersLeft: workers)
        return .drain
    }

    /// A worker has finished its requests; only viewers are left there.
    mutating func workerFinishedRequests() -> Action {
        guard case .finishingRequests(let left) = phase else { return .nothing }
        guard left <= 1 else {
            phase = .finishingRequests(workersLeft: left - 1)
            return .nothing
        }
        return endStreams()
    }

    /// A worker has nothing left.
    mutating func workerDrained() -> Action {
        guard case .finishingStreams(let left) = phase else { return .nothing }
        guard left <= 1 else {
            phase = .finishingStreams(workersLeft: left - 1)
            return .nothing
        }
        phase = .stopped
        return .stop
    }

    /// The time for what is being waited for is over.
    mutating func deadlinePassed() -> Action {
        switch phase {
        case .finishingRequests: return endStreams()
        case .finishingStreams:
            phase = .stopped
            return .stop
        case .serving, .stopped: return .nothing
        }
    }

    /// A worker could not start or its loop broke.
    mutating func workerFailed() -> Action {
        guard phase != .stopped else { return .nothing }
        phase = .stopped
        return .stop
    }

    private mutating func endStreams() -> Action {
        phase = .finishingStreams(workersLeft: workers)
        return .endStreams(handsOver: handsOver)
    }
}
