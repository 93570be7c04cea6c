// SPDX-License-Identifier: MIT
import System

@testable import LibEvent

/// Returns a moment so many milliseconds after the beginning of a test's time.
func at(_ milliseconds: Int) -> Instant { Instant(nanoseconds: 1_000_000_000_000) + .milliseconds(milliseconds) }

/// States of connections that were accepted at `at(0)`.
extension ConnectionState {
    static let limits = HTTPLimits(
        maxHeaderBytes: 8192, maxHeaderFields: 64, headerTimeout: .seconds(10), idleTimeout: .seconds(60),
        stallTimeout: .seconds(8))

    static func entering() -> ConnectionState { ConnectionState(now: at(0), limits: limits) }

    static func admitted(isDraining: Bool = false) -> ConnectionState {
        var state = entering()
        state.admitted(isDraining: isDraining, now: at(0))
        return state
    }

    static func turnedAway() -> ConnectionState {
        var state = entering()
        state.turnedAway(now: at(0))
        return state
    }

    /// A connection in the middle of `readHeads`, with a head begun at `now`.
    static func readingHeads(_ state: ConnectionState = admitted(), now: Instant = at(0)) -> ConnectionState {
        var state = state
        _ = state.bytesArrived(1)
        state.headBegan(now: now, limits: limits)
        return state
    }

    static func answering(isLast: Bool = false) -> ConnectionState {
        var state = readingHeads()
        _ = state.answer(isKept: !isLast, isDraining: false, hasInput: false)
        state.headRead(isTurnLong: false)
        _ = state.headsEnded(hasInput: false)
        return state
    }

    /// A connection that waits for its second request since `now`.
    static func idle(since now: Instant = at(0)) -> ConnectionState {
        var state = answering()
        state.awaitNextRequest(now: now, limits: limits)
        return state
    }

    static func taken(isEnding: Bool = false) -> ConnectionState {
        var state = readingHeads()
        state.takeOver()
        state.headRead(isTurnLong: false)
        _ = state.headsEnded(hasInput: false)
        if isEnding { _ = state.endWhenDrained(isPending: true) }
        return state
    }

    static func lingering(_ state: ConnectionState = admitted(), isRefused: Bool = true) -> ConnectionState {
        var state = state
        state.beginLingering(isRefused: isRefused, now: at(0))
        return state
    }

    static func closed() -> ConnectionState {
        var state = admitted()
        _ = state.close()
        return state
    }

    /// One state of each stage, by its name.
    static var oneOfEach: [ConnectionState] {
        [
            entering(), admitted(), turnedAway(), answering(), answering(isLast: true), taken(), taken(isEnding: true),
            lingering(), lingering(isRefused: false), closed(),
        ]
    }
}
