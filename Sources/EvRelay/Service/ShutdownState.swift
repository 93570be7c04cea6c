// SPDX-License-Identifier: MIT

/// The progress of a shutdown. Pure: it is told what has happened, and returns the next action.
///
/// First all loops finish the requests under way: a frame that is accepted on one may have its viewers on another. Only
/// then the streams end.
struct ShutdownState: Equatable, Sendable {
    /// The next action of the service.
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

    /// Creates the state of a service with this many workers, all of which serve.
    init(workers: Int) {
        self.workers = workers
    }

    /// True from the first request to shut down.
    var isShuttingDown: Bool { phase != .serving }

    /// Takes a request to shut down, by a signal or a call. A second signal ends the process at once.
    /// - Parameters:
    ///   - signal: the number of the signal; nil for a call.
    ///   - handsOver: true if the next process continues the viewers' streams.
    mutating func shutdownRequested(signal: Int32?, handsOver: Bool = false) -> Action {
        guard phase == .serving else { return signal.map { .exit(128 + $0) } ?? .nothing }
        self.handsOver = handsOver
        phase = .finishingRequests(workersLeft: workers)
        return .drain
    }

    /// Takes the report that a worker has finished its requests; only viewers are left there.
    mutating func workerFinishedRequests() -> Action {
        guard case .finishingRequests(let left) = phase else { return .nothing }
        guard left <= 1 else {
            phase = .finishingRequests(workersLeft: left - 1)
            return .nothing
        }
        return endStreams()
    }

    /// Takes the report that a worker has nothing left.
    mutating func workerDrained() -> Action {
        guard case .finishingStreams(let left) = phase else { return .nothing }
        guard left <= 1 else {
            phase = .finishingStreams(workersLeft: left - 1)
            return .nothing
        }
        phase = .stopped
        return .stop
    }

    /// Takes the end of the time for the current step.
    mutating func deadlinePassed() -> Action {
        switch phase {
        case .finishingRequests: return endStreams()
        case .finishingStreams:
            phase = .stopped
            return .stop
        case .serving, .stopped: return .nothing
        }
    }

    /// Takes the report that a worker could not start, or that its loop broke.
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
