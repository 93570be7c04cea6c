// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import System
import WireFormat

// The end of a worker.
extension Worker {
    /// The progress of the worker's end.
    enum Ending: Equatable {
        case notBegun
        /// Frames may still arrive, here or on another loop, and viewers are sent them.
        case finishingRequests
        /// Only viewers are left here; other loops may still receive frames.
        case requestsFinished
        case finishingStreams
        case drained
    }

    func beginDraining() {
        guard ending == .notBegun else { return }
        ending = .finishingRequests
        server.beginDraining()
        for task in tasks.all { task.beginDraining() }
    }

    func endStreams(_ end: WorkerMail.StreamsEnd) {
        guard ending != .finishingStreams, ending != .drained else { return }
        ending = .finishingStreams
        for task in tasks.all { task.endStream(end) }
    }

    func reportProgress() {
        switch ending {
        case .finishingRequests where server.connectionCount == metrics.connections(in: .stream):
            ending = .requestsFinished
            report(.requestsFinished)
        case .finishingStreams where server.connectionCount == 0:
            ending = .drained
            report(.drained)
        default: break
        }
    }
}
