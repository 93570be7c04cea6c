// SPDX-License-Identifier: MIT
import System
import Testing

@testable import LibEvent

/// How a connection's state waits: for room, for a first request, at its deadline and at the server's end.
@Suite struct ConnectionWaitTests {
    private static let limits = ConnectionState.limits

    @Test func `a connection that waits for room reads nothing and counts for nothing`() {
        var state = ConnectionState.entering()
        state.waitForRoom()
        #expect(state.phase == .entering && !state.isReading && !state.isCounted && !state.takesMore)
        #expect(!state.isIdle(isOutputPending: false))
        #expect(state.bytesArrived(1) == .none)
    }

    @Test func `a connection that gets room reads`() {
        var state = ConnectionState.entering()
        state.waitForRoom()
        state.admitted(isDraining: false, now: at(800))
        #expect(state.stage == .awaitingHead && state.isReading && state.isCounted)
        #expect(state.deadline == at(10_000))
    }

    @Test func `a connection that gets no room is refused when its request begins`() {
        var state = ConnectionState.entering()
        state.waitForRoom()
        state.turnedAway(now: at(1_000))
        #expect(state.phase == .refused && state.isReading && !state.isCounted)
        #expect(state.bytesArrived(0) == .none)
        #expect(state.bytesArrived(1) == .sendRefusal)
    }

    @Test func `a refused connection that sends nothing is answered after half a second`() {
        var state = ConnectionState.entering()
        state.turnedAway(now: at(1_000))
        #expect(state.deadline == at(1_500))
        #expect(state.deadlinePassed(isHandshaking: false) == .sendRefusal)
    }

    @Test func `a refused connection whose handshake is unfinished is answered all the same`() {
        #expect(ConnectionState.turnedAway().deadlinePassed(isHandshaking: true) == .sendRefusal)
    }

    @Test func `a connection without a request ends at its deadline`() {
        for state in [ConnectionState.entering(), .admitted(), .idle()] {
            #expect(state.deadlinePassed(isHandshaking: false) == .endWhenReceived)
        }
    }

    @Test func `a handshake that takes too long is reported`() {
        for state in [ConnectionState.entering(), .admitted()] {
            #expect(state.deadlinePassed(isHandshaking: true) == .failHandshake)
        }
    }

    @Test func `a head that takes too long is refused`() {
        #expect(ConnectionState.readingHeads().deadlinePassed(isHandshaking: false) == .refuseSlowHead)
    }

    @Test func `a stream that is being sent to its end is stalled at its owner's deadline`() {
        var state = ConnectionState.taken(isEnding: true)
        state.setDeadline(at(1))
        #expect(state.deadlinePassed(isHandshaking: false) == .close(.stalled))
    }

    @Test func `an answer under way outlives no deadline`() {
        #expect(ConnectionState.answering().deadlinePassed(isHandshaking: false) == .close(.byServer))
    }

    private func drain(
        _ state: inout ConnectionState, hasInput: Bool = false, hasUnreadBytes: Bool = false
    ) -> ConnectionAction {
        state.beginDraining(hasInput: hasInput, hasUnreadBytes: hasUnreadBytes, now: at(100))
    }

    @Test func `an idle connection ends when the server drains`() {
        var state = ConnectionState.idle()
        #expect(drain(&state) == .endWhenReceived)
    }

    @Test func `a new connection has a quarter second for its request when the server drains`() {
        for one in [ConnectionState.entering(), .admitted()] {
            var state = one
            #expect(drain(&state) == .none)
            #expect(state.deadline == at(350))
        }
        #expect(ConnectionState.admitted(isDraining: true).deadline == at(250))
    }

    @Test func `draining never prolongs a deadline`() {
        var state = ConnectionState.admitted()
        state.setDeadline(at(150))
        #expect(drain(&state) == .none)
        #expect(state.deadline == at(150))
    }

    @Test func `a request that has begun to arrive is finished when the server drains`() {
        var state = ConnectionState.idle()
        #expect(drain(&state, hasInput: true) == .none)
        #expect(drain(&state, hasUnreadBytes: true) == .none)
        #expect(state.deadline == at(60_000))
    }

    @Test func `what is under way goes on when the server drains`() {
        for one in ConnectionState.oneOfEach where one.stage != .entering && one.stage != .awaitingHead {
            var state = one
            #expect(drain(&state) == .none, "\(one.stage)")
            #expect(state.stage == one.stage && state.deadline == one.deadline)
        }
    }

    @Test func `only who waits for a request or for its end is idle`() {
        for state in ConnectionState.oneOfEach {
            let isWaiting = [.awaitingHead, .lingering(isRefused: true), .lingering(isRefused: false)].contains(
                state.stage)
            #expect(state.isIdle(isOutputPending: false) == isWaiting, "\(state.stage)")
            #expect(state.isIdle(isOutputPending: true) == (state.stage == .awaitingHead), "\(state.stage)")
        }
    }

    @Test func `a refused connection is not among the idle ones`() {
        #expect(!ConnectionState.lingering(.turnedAway()).isIdle(isOutputPending: false))
    }

    @Test(arguments: [(19, true), (20, false)])
    func `a connection is new for twenty milliseconds`(_ age: Int, _ isNew: Bool) {
        #expect(ConnectionState.admitted().isNew(hasInput: false, now: at(age)) == isNew)
    }

    @Test func `who has sent something or was served is not new`() {
        #expect(!ConnectionState.admitted().isNew(hasInput: true, now: at(1)))
        #expect(!ConnectionState.idle().isNew(hasInput: false, now: at(1)))
        #expect(!ConnectionState.taken().isNew(hasInput: false, now: at(1)))
    }

    private func isExpendable(
        _ state: ConnectionState, hasInput: Bool = false, hasUnreadBytes: Bool = false, at milliseconds: Int
    ) -> Bool {
        state.isExpendable(hasInput: hasInput, hasUnreadBytes: hasUnreadBytes, now: at(milliseconds))
    }

    @Test func `a connection without a request may end for another one, unless one is in its socket`() {
        #expect(isExpendable(.idle(), at: 1))
        #expect(!isExpendable(.idle(), hasUnreadBytes: true, at: 1))
    }

    @Test(arguments: [(1_000, false), (1_001, true)])
    func `a head protects its connection for a second`(_ age: Int, _ isAllowed: Bool) {
        #expect(isExpendable(.readingHeads(), hasInput: true, at: age) == isAllowed)
    }

    @Test(arguments: [(9_999, false), (10_000, true)])
    func `a camera between two frames is kept for ten seconds`(_ pause: Int, _ isAllowed: Bool) {
        var state = ConnectionState.taken()
        state.purpose = .upload
        _ = state.answer(isKept: true, isDraining: false, hasInput: false)
        state.awaitNextRequest(now: at(0), limits: Self.limits)
        #expect(isExpendable(state, at: pause) == isAllowed)
    }

    @Test func `a connection whose requests wait for their turn is kept`() {
        var state = ConnectionState.readingHeads()
        _ = state.answer(isKept: true, isDraining: false, hasInput: true)
        state.awaitNextRequest(now: at(0), limits: Self.limits)
        state.headRead(isTurnLong: true)
        #expect(state.headsEnded(hasInput: true) == .postpone)
        #expect(!isExpendable(state, hasInput: true, at: 5_000))
    }

    @Test func `who lingers may end for another one, and what is under way may not`() {
        for state in ConnectionState.oneOfEach where state.stage != .awaitingHead {
            let isLingering = [.lingering(isRefused: true), .lingering(isRefused: false)].contains(state.stage)
            #expect(isExpendable(state, hasUnreadBytes: true, at: 60_000) == isLingering, "\(state.stage)")
        }
    }
}
