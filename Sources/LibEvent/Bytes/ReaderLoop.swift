// SPDX-License-Identifier: MIT
public import WireFormat

/// The loop around an incremental reader: shows it the bytes at the front of a queue, drops its framing, and stops
/// where it needs more bytes than there are.
public struct ReaderLoop: Sendable {
    /// The number of bytes that the reader waits for. Zero after a step that is the owner's, since some steps need no
    /// byte.
    private var minimum = 0

    /// Creates the loop of a reader that has seen nothing.
    public init() {}

    /// Returns the next step that is the owner's; nil if the reader needs more bytes than `input` has.
    ///
    /// - Parameter step: calls the reader.
    public mutating func next<Step: WindowStep, Failure: Error>(
        in input: InputBuffer, _ step: (Span<UInt8>) throws(Failure) -> Step
    ) throws(Failure) -> Step? {
        while input.count >= minimum {
            let next = try input.withFront(atLeast: minimum, step)
            switch next.windowChange {
            case .drop(let count):
                input.drop(count)
                minimum = 0
            case .wait(let count): minimum = max(1, count)
            case .none:
                minimum = 0
                return next
            }
        }
        return nil
    }
}
