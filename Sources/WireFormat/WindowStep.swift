// SPDX-License-Identifier: MIT

/// The change that an incremental reader's step makes to the window of unread bytes.
public enum WindowChange: Equatable, Sendable {
    /// The first n bytes are dropped.
    case drop(Int)
    /// Nothing happens until the window has at least n bytes.
    case wait(Int)
    /// The step is for the reader's owner.
    case none
}

/// A step of an incremental reader, for the loop that drives readers of any kind.
public protocol WindowStep {
    /// The part of the step that the loop performs itself.
    var windowChange: WindowChange { get }
}

extension ReaderStep: WindowStep {
    /// Framing is dropped, and more bytes are waited for; payload and ends are the owner's.
    public var windowChange: WindowChange {
        switch self {
        case .consume(let count): .drop(count)
        case .needMore(let count): .wait(count)
        case .take, .partComplete, .end: .none
        }
    }
}
