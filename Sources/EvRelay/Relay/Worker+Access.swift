// SPDX-License-Identifier: MIT
import LibEvent

// A long-lived task does not outlive the right that it depends on: a signed link expires, and a reload can remove keys.
extension Worker {
    /// Has the tasks that depend on `grant` checked again when it ends.
    func watch(_ grant: Grant) { nextAccessEnd = min(nextAccessEnd, access.end(of: grant)) }

    /// Ends tasks whose grant has expired. One comparison while no grant expires.
    func endOutlivedAccess() {
        guard nextAccessEnd < .max, SystemClock.nowMicroseconds() >= nextAccessEnd else { return }
        endLostAccess()
    }

    /// Ends every task whose right has ended, and notes when the next grant expires.
    func endLostAccess() {
        let now = SystemClock.nowMicroseconds()
        nextAccessEnd = .max
        // Over copies: a task that ends removes itself.
        for list in Array(lists.values) {
            for viewer in list.viewers { if check(viewer.held, now) != nil { viewer.accessEnded() } }
            for wait in list.waiting { if let refusal = check(wait.held, now) { wait.refuse(refusal) } }
        }
        for task in Array(tasks.values) {
            if let held = task.held, let refusal = check(held, now) { task.accessEnded(refusal) }
        }
    }

    private func check(_ held: HeldGrant, _ now: Int64) -> Refusal? {
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
