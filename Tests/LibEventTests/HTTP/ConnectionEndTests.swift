// SPDX-License-Identifier: MIT
import System
import Testing

@testable import LibEvent

/// How a connection's state comes to its end, without sockets.
@Suite struct ConnectionEndTests {
    private static let limits = ConnectionState.limits

    @Test func `each connection ends once, whatever its stage`() {
        for one in ConnectionState.oneOfEach {
            var state = one
            #expect(state.close() == (one.stage != .closed), "\(one.stage)")
            #expect(state.close() == false, "\(one.stage)")
            #expect(state.stage == .closed && state.phase == nil)
        }
    }

    @Test func `nothing follows the end`() {
        for one in [ConnectionState.admitted(), .lingering()] { expectNothing(after: one) }
    }

    /// Reports every event to a connection that has ended in the state `one`.
    private func expectNothing(after one: ConnectionState) {
        var state = one
        _ = state.close()
        #expect(state.bytesArrived(1) == .none)
        #expect(!state.readsHeads && !state.takesMore)
        #expect(state.drained(isDraining: false) == .none)
        #expect(state.headsEnded(hasInput: true) == .none)
        #expect(state.answerWritten(isPending: false, isDraining: false) == .none)
        #expect(state.endReached(isOutputPending: false) == .none)
        #expect(state.deadlinePassed(isHandshaking: true) == .none)
        #expect(state.beginDraining(hasInput: false, hasUnreadBytes: false, now: at(0)) == .none)
        #expect(state.endNextTurn(.abuse) == .none)
        #expect(state.nextTurn() == .none)
        #expect(state.endWhenDrained(isPending: false) == .none)
        #expect(state.end(isReceived: false, now: at(0)) == .none)
        #expect(state.sendingStopped(now: at(0)) == .none)
        #expect(state.dropped(1 << 30, now: at(0)) == .none)
        #expect(state.lingered(unacknowledged: 0, isDraining: false, now: at(0), limits: Self.limits) == .none)
        #expect(state.stage == .closed)
    }

    @Test func `a connection ends at once if its peer has received everything`() {
        var state = ConnectionState.answering(isLast: true)
        #expect(state.end(isReceived: true, now: at(0)) == .close(.byServer))
    }

    @Test func `a connection lingers if its peer has not received everything`() {
        var state = ConnectionState.answering(isLast: true)
        #expect(state.end(isReceived: false, now: at(500)) == .linger)
        #expect(state.stage == .lingering(isRefused: false) && state.phase == .ending)
        #expect(state.deadline == at(1_500))
    }

    @Test func `a paused connection that lingers reads again`() {
        var state = ConnectionState.answering()
        _ = state.answerWritten(isPending: true, isDraining: false)
        #expect(state.end(isReceived: false, now: at(0)) == .linger)
        #expect(state.isReading)
    }

    @Test func `a refused peer lingers until its answer is with the kernel, and then a second`() {
        var state = ConnectionState.lingering()
        #expect(state.phase == .refused)
        state.lastAnswerIsPending()
        #expect(state.deadline == .distantFuture)
        #expect(state.drained(isDraining: false) == .stopSending)
        #expect(state.sendingStopped(now: at(3_000)) == .none)
        #expect(state.deadline == at(4_000))
    }

    @Test func `a peer refused for lack of room keeps its short deadline even while its answer is pending`() {
        var state = ConnectionState.lingering(.turnedAway())
        state.lastAnswerIsPending()
        #expect(state.deadline == at(1_000))
    }

    @Test func `what a lingering peer sends prolongs its time by a second, up to ten`() {
        var state = ConnectionState.lingering()
        #expect(state.bytesArrived(1) == .dropInput)
        #expect(state.dropped(1, now: at(700)) == .none)
        #expect(state.deadline == at(1_700))
        #expect(state.dropped(1, now: at(9_500)) == .none)
        #expect(state.deadline == at(10_000))
    }

    @Test func `a peer refused for lack of room cannot prolong its second`() {
        var state = ConnectionState.lingering(.turnedAway())
        #expect(state.dropped(1, now: at(700)) == .none)
        #expect(state.deadline == at(1_000))
    }

    @Test func `while the last answer is pending, what comes sets no deadline`() {
        var state = ConnectionState.lingering()
        state.lastAnswerIsPending()
        #expect(state.dropped(1, now: at(700)) == .none)
        #expect(state.deadline == .distantFuture)
    }

    @Test func `a lingering peer may send eight mebibytes and not one byte more`() {
        var state = ConnectionState.lingering()
        #expect(state.dropped(8 << 20, now: at(0)) == .none)
        #expect(state.dropped(1, now: at(0)) == .close(.byServer))
    }

    /// Returns the reactions to deadlines, one a second, of a peer that leaves so many bytes unacknowledged.
    private func linger(_ counts: [Int], _ state: inout ConnectionState) -> [ConnectionAction] {
        counts.indices.map { second in
            #expect(state.deadlinePassed(isHandshaking: false) == .askAcknowledged)
            return state.lingered(
                unacknowledged: counts[second], isDraining: false, now: at(1_000 + second * 1_000), limits: Self.limits)
        }
    }

    @Test func `a lingering peer that has acknowledged everything is let go at the deadline`() {
        var state = ConnectionState.lingering()
        #expect(linger([0], &state) == [.close(.byServer)])
    }

    @Test func `a lingering peer that reads slowly gets another second each time`() {
        var state = ConnectionState.lingering()
        #expect(linger([5, 4, 4, 3], &state) == [.none, .none, .none, .none])
        #expect(state.deadline == at(5_000))
    }

    @Test func `a lingering peer that takes nothing within the stall limit is stalled`() {
        var state = ConnectionState.lingering()
        let nine = linger(Array(repeating: 5, count: 9), &state)
        #expect(nine == Array(repeating: .none, count: 8) + [.close(.stalled)])
    }

    @Test func `neither a draining server nor a full one waits for a slow reader`() {
        var counted = ConnectionState.lingering()
        #expect(
            counted.lingered(unacknowledged: 5, isDraining: true, now: at(1_000), limits: Self.limits)
                == .close(.byServer))
        var uncounted = ConnectionState.lingering(.turnedAway())
        #expect(linger([5], &uncounted) == [.close(.byServer)])
    }

    @Test func `a peer that has ended needs no lingering once the answer is sent`() {
        var state = ConnectionState.lingering()
        state.peerEnded()
        #expect(state.endReached(isOutputPending: true) == .none)
        #expect(state.drained(isDraining: false) == .stopSending)
        #expect(state.sendingStopped(now: at(0)) == .close(.byServer))
    }

    @Test func `the peer's end is the end of a connection that owes it nothing`() {
        for state in [ConnectionState.entering(), .admitted(), .idle(), .turnedAway(), .lingering()] {
            #expect(state.endReached(isOutputPending: false) == .close(.byPeer), "\(state.stage)")
        }
    }

    @Test func `the peer's end ends no answer under way, and no stream that is being sent to its end`() {
        for state in [ConnectionState.answering(), .answering(isLast: true), .taken(isEnding: true)] {
            #expect(state.endReached(isOutputPending: true) == .none, "\(state.stage)")
        }
    }

    @Test func `an owner is told of the peer's end`() {
        #expect(ConnectionState.taken().endReached(isOutputPending: true) == .tellEndReached)
    }

    @Test func `heads that wait for their turn are read after the peer's end`() {
        var state = ConnectionState.readingHeads()
        _ = state.answer(isKept: true, isDraining: false, hasInput: true)
        state.awaitNextRequest(now: at(0), limits: Self.limits)
        state.headRead(isTurnLong: true)
        #expect(state.headsEnded(hasInput: true) == .postpone)
        state.peerEnded()
        #expect(state.endReached(isOutputPending: false) == .none)
        #expect(state.nextTurn() == .readInput)
        #expect(state.bytesArrived(1) == .readHeads)
        #expect(state.headsEnded(hasInput: true) == .close(.byPeer))
    }

    @Test func `an owner's connection ends at once when nothing is pending`() {
        var state = ConnectionState.taken()
        #expect(state.endWhenDrained(isPending: false) == .endWhenReceived)
    }

    @Test func `an owner's connection ends when everything is sent, and has no deadline until then`() {
        var state = ConnectionState.taken()
        state.setDeadline(at(1))
        #expect(state.endWhenDrained(isPending: true) == .none)
        #expect(state.isEnding && state.deadline == .distantFuture)
        #expect(state.bytesArrived(5) == .dropInput)
        #expect(state.drained(isDraining: false) == .endWhenReceived)
    }

    @Test func `a connection that is to end in the next turn reads nothing until then`() {
        var state = ConnectionState.taken()
        #expect(state.endNextTurn(.answerMemory) == .postpone)
        #expect(!state.isReading)
        #expect(state.nextTurn() == .close(.answerMemory))
    }

    @Test func `a socket that accepts nothing within the stall limit is stalled`() {
        var state = ConnectionState.taken()
        let looks = (1...StallWatch.looks).map {
            state.writeTimedOut(byteCount: 9, now: at($0 * 1_000), limits: Self.limits)
        }
        #expect(looks == Array(repeating: .keepWriting, count: 7) + [.close(.stalled)])
    }

    @Test func `a socket that accepts a little within the stall limit is kept, and so is one that was drained`() {
        var state = ConnectionState.taken()
        for look in 1...40 {
            let action = state.writeTimedOut(byteCount: 99 - look / 7, now: at(look * 1_000), limits: Self.limits)
            #expect(action == .keepWriting)
        }
        _ = state.drained(isDraining: false)
        #expect(state.writeTimedOut(byteCount: 94, now: at(80_000), limits: Self.limits) == .keepWriting)
    }

    @Test func `a connection that the kernel gives up is stalled, and every other loss is the peer's`() {
        var state = ConnectionState.taken()
        state.lost(isTimeout: false)
        #expect(state.lossReason == .byPeer)
        state.lost(isTimeout: true)
        #expect(state.lossReason == .stalled)
    }
}
