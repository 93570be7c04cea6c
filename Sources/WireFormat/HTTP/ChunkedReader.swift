// SPDX-License-Identifier: MIT

/// Removes chunked transfer coding (RFC 9112 §7.1) without holding any bytes: it tells which bytes of the caller's
/// buffer are framing and which are data. It is strict where leniency has been used to smuggle requests: sizes are
/// hexadecimal digits only, and lines end in CRLF. Extensions and trailers are skipped.
public struct ChunkedReader: Sendable {
    private enum State {
        case size(digits: Int, value: Int)
        case sizeExtension(value: Int)
        case data(remaining: Int)
        case dataEnd
        case trailerLine
        case finished
    }

    private let maxLineBytes: Int
    private let maxTrailerBytes: Int
    private var state = State.size(digits: 0, value: 0)
    /// The bytes of the unfinished line that have been scanned.
    private var scanned = 0
    /// The bytes of trailers that have been consumed.
    private var trailerBytes = 0

    /// - Parameters:
    ///   - maxLineBytes: the longest size line with its extension and CRLF, in bytes.
    ///   - maxTrailerBytes: all trailer lines together with their CRLFs, in bytes.
    public init(maxLineBytes: Int, maxTrailerBytes: Int) {
        self.maxLineBytes = maxLineBytes
        self.maxTrailerBytes = maxTrailerBytes
    }

    /// Returns the next step for the unread bytes, the first of which are in `window`.
    public mutating func step(_ window: Span<UInt8>) throws(ChunkedError) -> ReaderStep {
        switch state {
        case .size, .sizeExtension: return try stepThroughSizeLine(window)
        case .data(let remaining):
            guard !window.isEmpty else { return .needMore(1) }
            let count = min(window.count, remaining)
            state = count == remaining ? .dataEnd : .data(remaining: remaining - count)
            return .take(count)
        case .dataEnd:
            if let first = window.indices.first {
                guard window[first] == ASCII.carriageReturn else { throw .badChunkEnd }
            }
            guard window.count >= 2 else { return .needMore(2) }
            guard window[1] == ASCII.lineFeed else { throw .badChunkEnd }
            state = .size(digits: 0, value: 0)
            return .consume(2)
        case .trailerLine: return try stepThroughTrailer(window)
        case .finished: return .end
        }
    }

    private mutating func stepThroughSizeLine(_ window: Span<UInt8>) throws(ChunkedError) -> ReaderStep {
        while scanned < window.count {
            let byte = window[scanned]
            guard scanned < maxLineBytes else { throw .sizeLineTooLong(limit: maxLineBytes) }
            if byte == ASCII.lineFeed {
                guard scanned > 0, window[scanned - 1] == ASCII.carriageReturn else { throw .badSizeLine }
                return finishSizeLine()
            }
            if scanned > 0, window[scanned - 1] == ASCII.carriageReturn { throw .badSizeLine }
            switch state {
            case .size(let digits, let value):
                if let digit = ASCII.hexadecimalValue(byte) {
                    guard digits < 8 else { throw .badSizeLine }
                    state = .size(digits: digits + 1, value: value << 4 | Int(digit))
                } else {
                    guard digits > 0 else { throw .badSizeLine }
                    guard byte == ASCII.semicolon || byte == ASCII.carriageReturn else { throw .badSizeLine }
                    state = .sizeExtension(value: value)
                }
            default:
                guard byte == ASCII.carriageReturn || !ASCII.isControl(byte) else { throw .badSizeLine }
            }
            scanned += 1
        }
        return .needMore(window.count + 1)
    }

    private mutating func finishSizeLine() -> ReaderStep {
        defer { scanned = 0 }
        if case .sizeExtension(let value) = state {
            state = value == 0 ? .trailerLine : .data(remaining: value)
        }
        return .consume(scanned + 1)
    }

    private mutating func stepThroughTrailer(_ window: Span<UInt8>) throws(ChunkedError) -> ReaderStep {
        while scanned < window.count {
            let byte = window[scanned]
            guard trailerBytes + scanned < maxTrailerBytes else { throw .trailerTooLong(limit: maxTrailerBytes) }
            let isBehindReturn = scanned > 0 && window[scanned - 1] == ASCII.carriageReturn
            guard (byte == ASCII.lineFeed) == isBehindReturn, byte != 0 else { throw .badTrailer }
            scanned += 1
            if byte == ASCII.lineFeed {
                let lineBytes = scanned
                scanned = 0
                trailerBytes += lineBytes
                if lineBytes == 2 { state = .finished }
                return .consume(lineBytes)
            }
        }
        return .needMore(window.count + 1)
    }
}
