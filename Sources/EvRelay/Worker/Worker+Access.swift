// SPDX-License-Identifier: MIT
import LibEvent
import System

// A long-lived task does not outlive the right that it depends on: a signed link expires, and a reload can remove keys.
extension Worker {
    /// Ends tasks whose grant has expired. One comparison while no grant expires.
    func endOutlivedAccess() {
        guard nextAccessEnd < .max, SystemClock.nowMicroseconds() >= nextAccessEnd else { return }
        endLostAccess()
    }

    /// Ends every task whose right has ended, and notes when the next grant expires.
    func endLostAccess() {
        let now = SystemClock.nowMicroseconds()
        nextAccessEnd = .max
        for task in tasks.all {
            if let held = task.held, let refusal = check(held, now) { task.accessEnded(refusal) }
        }
    }

    private func check(_ held: HeldGrant, _ now: Int64) -> Refusal? {
        if let refusal = access.refusal(of: held, nowMicroseconds: now, relay.failures) { return refusal }
        nextAccessEnd = min(nextAccessEnd, access.end(of: held))
        return nil
    }
}
