// SPDX-License-Identifier: MIT
import WireFormat

/// Reads one request head from bytes that arrive in pieces, within the limits of a head. It looks at each byte once.
///
/// A pure value, without input or output: the caller shows the unread bytes and drops those that are done with.
struct HeadReader {
    /// The result of a look at the unread bytes.
    enum Step {
        /// The head is incomplete: look again when more bytes have arrived.
        case needMore
        /// Drop so many bytes, which belong to no head, and look again.
        case drop(Int)
        /// The head, which is the first `byteCount` bytes.
        case head(RequestHead, byteCount: Int)
    }

    private let maxFields: Int
    private var scanner: RequestHeadScanner

    /// The most unread bytes that a look needs to see, in one piece.
    let windowBytes: Int

    /// Creates a reader of the head that begins with the next byte.
    init(limits: HTTPLimits) {
        maxFields = limits.maxHeaderFields
        scanner = RequestHeadScanner(maxBytes: limits.maxHeaderBytes)
        // Enough to find a head beyond its limit after an empty line.
        windowBytes = limits.maxHeaderBytes + 4
    }

    /// Looks at the unread bytes, of which `window` holds the first `windowBytes`, or all if there are fewer.
    /// - Throws: the reason for which the bytes cannot begin a head.
    mutating func step(_ window: Span<UInt8>) throws(RequestHeadError) -> Step {
        switch try scanner.scan(window) {
        case .incomplete: .needMore
        case .skip(let count): .drop(count)
        case .complete(let byteCount):
            .head(
                try RequestHead.parse(window.extracting(first: byteCount), maxFields: maxFields), byteCount: byteCount)
        }
    }
}

extension InputBuffer {
    /// Reads one head, which stays in the buffer. Nil if it is incomplete.
    /// - Throws: the reason for which the bytes cannot begin a head.
    func readHead(
        with reader: inout HeadReader
    ) throws(RequestHeadError) -> (head: RequestHead, byteCount: Int)? {
        while true {
            // All bytes so far, in one piece: the reader remembers how far it has looked.
            let step = try withFront(atLeast: reader.windowBytes) { (front) throws(RequestHeadError) in
                try reader.step(front)
            }
            switch step {
            case .needMore: return nil
            case .drop(let count): drop(count)
            case .head(let head, let byteCount): return (head, byteCount)
            }
        }
    }
}
