// SPDX-License-Identifier: MIT

/// The requests that one connection is answered in one turn of its loop: at most 16, fewer if that takes long.
struct HeadTurn {
    /// The most requests answered before other connections have their turn.
    static let maxRequests = 16

    /// True while heads are read. An answer sent meanwhile returns to the reading that is under way: a loop, not a
    /// recursion, since a peer may send hundreds of requests at a time.
    private(set) var isUnderWay = false
    /// True once the other connections have their turn.
    private(set) var isOver = false
    private var count = 0

    /// Begins a turn; false if one is under way.
    mutating func begin() -> Bool {
        guard !isUnderWay else { return false }
        (isUnderWay, isOver, count) = (true, false, 0)
        return true
    }

    /// Counts a request. A long turn of the loop is over after it.
    mutating func countRequest(isTurnLong: Bool) {
        count += 1
        isOver = isTurnLong || count >= Self.maxRequests
    }

    mutating func end() { isUnderWay = false }
}
