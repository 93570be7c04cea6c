// SPDX-License-Identifier: MIT
import System
import TestSupport

@testable import LibEvent

/// A connection without a socket: carries out the actions of its state as `GateConnection` does, and draws at random
/// what its peer, its handler and its owner do. Keeps the faults that it finds.
final class DrawnConnection {
    private(set) var faults: [String] = []
    private(set) var events: [String] = []
    private(set) var closes = 0
    private var state = ConnectionState.entering()
    private var random: SeededGenerator
    private var now = at(0)
    private var inputCount = 0
    private var unreadCount = 0
    private var isPending = false
    private var hasOwner = false
    private var hasPeerEnded = false
    private var isPostponed = false
    private var isDraining = false
    /// Requests that were read and not answered.
    private var unanswered = 0
    private var isWaitingForRoom = true
    private var isReadingHeads = false
    /// True once the connection is to end in the next turn.
    private var isDoomed = false

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    private func chance(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &random) == 0 }

    private func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    /// Lets one event happen.
    func step() {
        now = now + .milliseconds(number(0...400))
        if isWaitingForRoom, chance(2) { event("room") { enter() } }
        switch number(0...12) {
        case 0...4: arrive()
        case 5...6 where isPending:
            event("drained") {
                isPending = false
                drained()
            }
        case 7: sweep()
        case 8 where chance(6): endPeer()
        case 9 where isPostponed:
            isPostponed = false
            event("next turn") { perform(state.nextTurn()) }
        case 10 where isPending:
            event("write timeout") {
                perform(state.writeTimedOut(byteCount: number(1...2), now: now, limits: ConnectionState.limits))
            }
        case 11 where hasOwner: event("owner") { act() }
        case 12 where chance(30): event("lost") { loss() }
        case 12 where chance(20): event("draining") { drain() }
        default: break
        }
        check()
    }

    private func event(_ name: String, _ body: () -> Void) {
        events.append(name)
        body()
    }

    private func enter() {
        guard state.stage == .entering else { return }
        if chance(3) { return state.waitForRoom() }
        isWaitingForRoom = false
        if chance(5) { state.turnedAway(now: now) } else { state.admitted(isDraining: isDraining, now: now) }
    }

    private func arrive() {
        guard !hasPeerEnded, closes == 0 else { return }
        unreadCount += number(1...(chance(5) ? 40 : 4))
        guard state.isReading else { return }
        event("bytes") { read() }
    }

    private func read() {
        inputCount += unreadCount
        unreadCount = 0
        perform(state.bytesArrived(inputCount))
    }

    private func drain() {
        isDraining = true
        perform(state.beginDraining(hasInput: inputCount > 0, hasUnreadBytes: unreadCount > 0, now: now))
    }

    private func sweep() {
        guard state.deadline < .distantFuture, closes == 0 else { return }
        if chance(3) { now = max(now, state.deadline) }
        guard state.deadline <= now else { return }
        event("deadline") {
            let isHandshaking = !state.isKept && state.phase == .head && chance(9)
            let isOwners = hasOwner && !state.isEnding
            perform(state.deadlinePassed(isHandshaking: isHandshaking))
            let isLater = state.deadline > now || closes > 0
            if !isOwners, !isLater { faults.append("\(state.stage) has a deadline that has passed") }
        }
    }

    private func endPeer() {
        guard !hasPeerEnded, closes == 0, state.isReading else { return }
        hasPeerEnded = true
        event("peer's end") {
            state.peerEnded()
            if inputCount + unreadCount > 0, chance(2) { read() }
            perform(state.endReached(isOutputPending: isPending))
        }
    }

    private func loss() {
        state.lost(isTimeout: chance(2))
        perform(.close(state.lossReason))
    }

    private func drained() { perform(state.drained(isDraining: isDraining)) }

    /// Draws whether what is written now stays pending.
    private func write() -> Bool {
        isPending = isPending || chance(3)
        if chance(40) {
            isDoomed = true
            perform(state.endNextTurn(.answerMemory))
        }
        return isPending
    }

    private func readHeads() {
        if !state.readsHeads { faults.append("heads are read by nobody") }
        if isReadingHeads { faults.append("heads are read while heads are read") }
        isReadingHeads = true
        var heads = 0
        var isIncomplete = false
        while state.readsHeads, inputCount > 0, !isIncomplete, heads < 50 {
            heads += 1
            if !state.hasBegunHead { state.headBegan(now: now, limits: ConnectionState.limits) }
            isIncomplete = chance(15)
            guard !isIncomplete else { break }
            inputCount -= 1
            unanswered += 1
            decide()
            state.headRead(isTurnLong: chance(20))
        }
        isReadingHeads = false
        if heads > HeadTurn.maxRequests { faults.append("\(heads) requests in a turn") }
        perform(state.headsEnded(hasInput: inputCount > 0))
        let isLeft = state.stage == .awaitingHead && inputCount > 0 && !isIncomplete
        if isLeft, !isPostponed { faults.append("requests are left to nobody") }
    }

    private func decide() {
        switch number(0...29) {
        case 0: perform(.close(.byServer))
        case 1: answerAndClose()
        case 2...10:
            state.takeOver()
            if state.deadline < .distantFuture { faults.append("an owner has a deadline of the gate's") }
            hasOwner = true
            act()
        default: answer()
        }
    }

    private func answer() {
        countAnswer()
        hasOwner = false
        let isLast = state.answer(isKept: !chance(20), isDraining: isDraining, hasInput: inputCount > 0)
        if isDraining, !isLast { faults.append("an answer of a draining server is the last one") }
        perform(state.answerWritten(isPending: write(), isDraining: isDraining))
    }

    private func answerAndClose() {
        if state.stage != .refusing, unanswered > 0 { countAnswer() }
        hasOwner = false
        state.beginLingering(isRefused: true, now: now)
        inputCount = 0
        if write() { state.lastAnswerIsPending() } else { drained() }
    }

    private func countAnswer() {
        unanswered -= 1
        if unanswered != 0 { faults.append("\(unanswered) requests are unanswered after an answer") }
    }

    /// Lets the owner do something.
    private func act() {
        guard hasOwner else { return }
        switch number(0...15) {
        case 0...3: if !state.isEnding { answer() }
        case 4: if !state.isEnding { answerAndClose() }
        case 5:
            // A stream is an answer.
            unanswered = 0
            perform(state.endWhenDrained(isPending: isPending))
        case 6: if chance(4) { perform(.close(.byServer)) }
        case 7...8: state.setDeadline(now + .milliseconds(number(0...3_000)))
        case 9: state.setDeadline(.distantFuture)
        case 10...13: if !state.isEnding { _ = write() }
        default: state.purpose = chance(2) ? .upload : .stream
        }
    }

    func perform(_ action: ConnectionAction) {
        if closes > 0, action != .none, !isClose(action) { faults.append("\(action) after the end") }
        switch action {
        case .none, .keepWriting: break
        case .readHeads: readHeads()
        case .readInput: perform(state.bytesArrived(inputCount))
        case .dropInput:
            let count = inputCount * number(1...4_000) * 500
            inputCount = 0
            perform(state.dropped(count, now: now))
        case .showInput:
            if !hasOwner { faults.append("input is shown to nobody") }
            inputCount = number(0...inputCount)
            act()
            state.ownerHasRead(left: inputCount, limit: 9)
        case .tellDrained, .tellDeadlinePassed, .tellEndReached:
            if !hasOwner || state.isEnding { faults.append("\(action) is told to nobody") }
            act()
        case .sendRefusal, .refuseSlowHead: answerAndClose()
        case .failHandshake: perform(.close(.byServer))
        case .awaitNextRequest:
            if isPending { faults.append("the next request is read before the answer is sent") }
            if isDraining { faults.append("a draining server waits for the next request") }
            state.awaitNextRequest(now: now, limits: ConnectionState.limits)
            perform(state.bytesArrived(inputCount))
        case .endWhenReceived:
            let isReceived = inputCount == 0 && unreadCount == 0 && chance(2)
            perform(state.end(isReceived: isReceived, now: now))
        case .linger:
            hasOwner = false
            inputCount = 0
            perform(.stopSending)
        case .stopSending: perform(state.sendingStopped(now: now))
        case .askAcknowledged:
            perform(
                state.lingered(
                    unacknowledged: number(0...2), isDraining: isDraining, now: now, limits: ConnectionState.limits))
        case .postpone:
            if isPostponed { faults.append("postponed twice") }
            isPostponed = true
        case .close: close()
        }
    }

    private func isClose(_ action: ConnectionAction) -> Bool {
        if case .close = action { return true }
        return false
    }

    private func close() {
        guard state.close() else { return }
        closes += 1
        (hasOwner, isPending, inputCount, unreadCount) = (false, false, 0, 0)
    }

    /// Looks for what must never be, after an event.
    private func check() {
        if (state.stage == .closed) != (closes == 1) { faults.append("\(state.stage) after \(closes) ends") }
        if (state.phase == nil) != (closes == 1) { faults.append("\(String(describing: state.phase)) after the end") }
        let isUnlimited = state.deadline == .distantFuture
        switch state.stage {
        case .entering, .awaitingHead, .refusing: if isUnlimited { faults.append("\(state.stage) has no deadline") }
        case .answering(let isLast):
            if !isPending { faults.append("an answer waits for nothing") }
            if !isLast, state.isReading { faults.append("requests are read during an answer") }
        case .taken(let isEnding):
            if !hasOwner { faults.append("nobody owns a taken connection") }
            if isEnding, isUnlimited, !isPending { faults.append("a stream that is over waits for nothing") }
        case .lingering: if isUnlimited, !isPending { faults.append("a lingering connection has no deadline") }
        case .closed: break
        }
        let reads: [ConnectionStage] = [
            .awaitingHead, .refusing, .lingering(isRefused: true), .lingering(isRefused: false),
        ]
        if reads.contains(state.stage), !state.isReading, !isDoomed { faults.append("\(state.stage) reads nothing") }
        if state.stage == .awaitingHead, unanswered != 0 { faults.append("a request is left unanswered") }
        if state.readsHeads { faults.append("the reading of heads has no end") }
        if hasOwner != isTaken { faults.append("an owner of a connection that is \(state.stage)") }
    }

    private var isTaken: Bool {
        if case .taken = state.stage { return true }
        return false
    }
}
