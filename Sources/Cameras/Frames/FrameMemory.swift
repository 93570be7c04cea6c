// SPDX-License-Identifier: MIT
public import LibEvent

/// The levels at which frame memory is short, and at which it no longer is.
public enum FrameMemory {
    /// Returns true above three quarters of the budget.
    public static func isShort(_ ledger: ByteLedger) -> Bool { ledger.usedBytes > ledger.limitBytes / 4 * 3 }
    /// Returns the bytes held above half of the budget. Viewers are disconnected until this is zero.
    public static func bytesAboveTarget(_ ledger: ByteLedger) -> Int {
        max(0, ledger.usedBytes - ledger.limitBytes / 2)
    }
}
