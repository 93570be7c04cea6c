// SPDX-License-Identifier: MIT

/// Finds the end of a request head in bytes that arrive in pieces. It looks at each byte once.
public struct RequestHeadScanner: Sendable {
    /// The result of a scan.
    public enum Result: Equatable, Sendable {
        /// No whole head yet.
        case incomplete
        /// The head, with the blank line that ends it, is the first `byteCount` bytes.
        case complete(byteCount: Int)
        /// Drop this many bytes and scan again: an empty line before the request line (RFC 9112 §2.2).
        case skip(Int)
    }

    private let maxBytes: Int
    /// The bytes that have been scanned.
    private var scanned = 0
    private var hasSkipped = false

    /// - Parameter maxBytes: the longest head, with its blank line, in bytes.
    public init(maxBytes: Int) {
        self.maxBytes = maxBytes
    }

    /// Scans the bytes that are new since the last call. `window` holds all unread bytes from the beginning of the
    /// head. After `complete` the scanner is ready for the next head.
    ///
    /// Refuses a bare line feed, a bare carriage return, a NUL, and bytes over the limit as soon as it reads them.
    public mutating func scan(_ window: Span<UInt8>) throws(RequestHeadError) -> Result {
        let end = min(window.count, maxBytes)
        var isBehindReturn = scanned > 0 && scanned <= end && window[scanned - 1] == ASCII.carriageReturn
        while scanned < end {
            let byte = window[scanned]
            scanned += 1
            if byte > ASCII.carriageReturn, !isBehindReturn { continue }
            guard (byte == ASCII.lineFeed) == isBehindReturn, byte != 0 else { throw .badLineEnd }
            isBehindReturn = byte == ASCII.carriageReturn
            guard byte == ASCII.lineFeed else { continue }
            if scanned == 2 {
                guard !hasSkipped else { throw .badRequestLine }
                hasSkipped = true
                scanned = 0
                return .skip(2)
            }
            if scanned >= 4, window[scanned - 3] == ASCII.lineFeed {
                let byteCount = scanned
                scanned = 0
                hasSkipped = false
                return .complete(byteCount: byteCount)
            }
        }
        guard window.count < maxBytes else { throw .headTooLarge(limitBytes: maxBytes) }
        return .incomplete
    }
}
