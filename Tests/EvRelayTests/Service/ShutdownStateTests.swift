// SPDX-License-Identifier: MIT
import Testing

@testable import EvRelay

@Suite struct ShutdownStateTests {
    private static let sigInt: Int32 = 2
    private static let sigTerm: Int32 = 15

    /// Returns a state that finishes requests, with `left` of three workers still busy.
    private static func finishing(left: Int) -> ShutdownState {
        var state = ShutdownState(workers: 3)
        _ = state.shutdownRequested(signal: sigTerm)
        for _ in left..<3 { _ = state.workerFinishedRequests() }
        return state
    }

    /// Returns a state that ends streams, with `left` of three workers still busy.
    private static func draining(left: Int) -> ShutdownState {
        var state = finishing(left: 0)
        for _ in left..<3 { _ = state.workerDrained() }
        return state
    }

    /// The stopped states, one for each way to get there.
    private static var stopped: [ShutdownState] {
        var byDrain = draining(left: 1)
        var byDeadline = draining(left: 2)
        var byFailure = ShutdownState(workers: 3)
        _ = byDrain.workerDrained()
        _ = byDeadline.deadlinePassed()
        _ = byFailure.workerFailed()
        return [byDrain, byDeadline, byFailure]
    }

    @Test(arguments: [sigInt, sigTerm, nil]) func `the first request drains`(_ signal: Int32?) {
        var state = ShutdownState(workers: 3)
        #expect(!state.isShuttingDown)
        #expect(state.shutdownRequested(signal: signal) == .drain)
        #expect(state.isShuttingDown)
    }

    @Test func `a request that hands over drains in that way, and is a shutdown as any other`() {
        var state = ShutdownState(workers: 1)
        #expect(state.shutdownRequested(signal: 12, handsOver: true) == .drain)
        #expect(state.isShuttingDown)
        #expect(state.shutdownRequested(signal: 12, handsOver: true) == .exit(140))
        #expect(state.shutdownRequested(signal: Self.sigTerm) == .exit(143))
        #expect(state.workerFinishedRequests() == .endStreams(handsOver: true))
        #expect(state.workerDrained() == .stop)
    }

    @Test func `streams end when the last worker has finished its requests, and not before`() {
        var state = Self.finishing(left: 3)
        #expect(state.workerFinishedRequests() == .nothing)
        #expect(state.workerFinishedRequests() == .nothing)
        #expect(state.workerDrained() == .nothing)
        #expect(state.workerFinishedRequests() == .endStreams(handsOver: false))
        #expect(state.workerFinishedRequests() == .nothing)
    }

    @Test func `requests that take too long are not waited for, and then streams neither`() {
        for left in 1...3 {
            var state = Self.finishing(left: left)
            #expect(state.deadlinePassed() == .endStreams(handsOver: false))
            #expect(state.workerFinishedRequests() == .nothing)
            #expect(state.deadlinePassed() == .stop)
        }
    }

    @Test func `who hands over while draining in another way changes nothing but by a signal`() {
        var state = Self.draining(left: 2)
        #expect(state.shutdownRequested(signal: nil, handsOver: true) == .nothing)
        #expect(state.shutdownRequested(signal: 12, handsOver: true) == .exit(140))
    }

    @Test(arguments: [(sigInt, 130), (sigTerm, 143)] as [(Int32, Int32)])
    func `a second signal ends the process at once with the shell's status`(_ signal: Int32, _ status: Int32) {
        for first in [Self.sigInt, Self.sigTerm, nil] {
            var state = ShutdownState(workers: 3)
            _ = state.shutdownRequested(signal: first)
            #expect(state.shutdownRequested(signal: signal) == .exit(status))
        }
    }

    @Test func `a second call changes nothing`() {
        var state = Self.draining(left: 2)
        let before = state
        #expect(state.shutdownRequested(signal: nil) == .nothing)
        #expect(state == before)
    }

    @Test func `the last worker that drains stops the service`() {
        var state = Self.draining(left: 3)
        #expect(state.workerDrained() == .nothing)
        #expect(state.workerDrained() == .nothing)
        #expect(state.workerDrained() == .stop)
        #expect(state.workerDrained() == .nothing)
        #expect(state.isShuttingDown)
    }

    @Test func `a single worker that drains stops the service`() {
        var state = ShutdownState(workers: 1)
        _ = state.shutdownRequested(signal: nil)
        _ = state.workerFinishedRequests()
        #expect(state.workerDrained() == .stop)
    }

    @Test func `the deadline stops the service once, however many are left`() {
        for left in 1...3 {
            var state = Self.draining(left: left)
            #expect(state.deadlinePassed() == .stop)
            #expect(state.deadlinePassed() == .nothing)
            #expect(state.workerDrained() == .nothing)
        }
    }

    @Test func `a failed worker stops the service, serving or draining`() {
        for state in [ShutdownState(workers: 3), Self.finishing(left: 2), Self.draining(left: 2)] {
            var state = state
            #expect(state.workerFailed() == .stop)
            #expect(state.isShuttingDown)
            #expect(state.workerFailed() == .nothing)
        }
    }

    @Test func `while serving, drained workers and deadlines mean nothing`() {
        var state = ShutdownState(workers: 3)
        let before = state
        #expect(state.workerFinishedRequests() == .nothing)
        #expect(state.workerDrained() == .nothing)
        #expect(state.deadlinePassed() == .nothing)
        #expect(state == before)
    }

    @Test func `once stopped only a signal does anything`() {
        for state in Self.stopped {
            var state = state
            #expect(state.isShuttingDown)
            #expect(state.workerDrained() == .nothing)
            #expect(state.deadlinePassed() == .nothing)
            #expect(state.workerFailed() == .nothing)
            #expect(state.shutdownRequested(signal: nil) == .nothing)
            #expect(state.shutdownRequested(signal: Self.sigTerm) == .exit(143))
        }
    }
}
