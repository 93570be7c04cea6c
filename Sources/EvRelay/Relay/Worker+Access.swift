// SPDX-License-Identifier: MIT
import LibEvent

// What lasts does not outlive the right it lives by: a signed link ends, and a reload can take keys away.
extension Worker {
    /// Looks at what lives by `grant` again when that ends.
    func watch(_ grant: Grant) { nextAccessEnd = min(nextAccessEnd, access.end(of: grant)) }

    /// Ends tasks whose grant has expired. One comparison while no grant expires.
    func endOutlivedAccess() {
        guard nextAccessEnd < .max, SystemClock.nowMicroseconds() >= nextAccessEnd else { return }
        endLostAccess()
    }

    /// Ends everything whose right is gone, and notes when the next one goes by itself.
    func endLostAccess() {
        let now = SystemClock.nowMicroseconds()
        nextAccessEnd = .max
        // Over copies: what ends takes itself out.
        for list in Array(lists.values) {
            for viewer in list.viewers { if check(viewer.held, now) != nil { viewer.accessEnded() } }
            for wait in list.waiting { if let refusal = check(wait.held, now) { wait.refuse(refusal) } }
        }
        for task in Array(tasks.values) {
            if let held = task.held, let refusal = check(held, now) { task.accessEnded(refusal) }
        }
    }

    private func check(_ held: HeldGrant, _ now: Int64) -> ErrorAnswer? {
        if let refusal = access.refusal(of: held, nowMicroseconds: now, relay.failures) { return refusal }
        nextAccessEnd = min(nextAccessEnd, access.end(of: held))
        return nil
    }

    /// Sends `response` after `delay` and ends the connection.
    func hold(_ connection: TakenConnection, _ response: HTTPResponse, for delay: Duration) {
        let answer = DelayedAnswer(connection, response, on: self)
        tasks[ObjectIdentifier(answer)] = answer
        answer.begin(delay: delay)
    }
}
