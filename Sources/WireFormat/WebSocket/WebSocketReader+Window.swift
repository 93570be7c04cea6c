// SPDX-License-Identifier: MIT

extension WebSocketReader.Step: WindowStep {
    /// Read bytes are dropped, and more bytes are waited for; messages and ends are the owner's.
    public var windowChange: WindowChange {
        switch self {
        case .consume(let count): .drop(count)
        case .needMore(let count): .wait(count)
        case .event, .end: .none
        }
    }
}
