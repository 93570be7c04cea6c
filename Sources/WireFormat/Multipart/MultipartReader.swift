// SPDX-License-Identifier: MIT

/// Parses a multipart body of JPEGs (RFC 2046 §5.1.1) as cameras and ffmpeg send it, without holding any bytes: it
/// tells which bytes of the caller's buffer belong to a part. A part has a Content-Length, or extends to the next
/// delimiter.
public struct MultipartReader: Sendable {
    /// The limits of one upload, in bytes. All are required.
    public struct Limits: Sendable, Equatable {
        /// The longest body of a part.
        public var maxPartBytes: Int
        /// The longest head of a part, its blank line included.
        public var maxHeadBytes: Int
        /// The most bytes before the first delimiter, or in empty lines and blanks around any other.
        public var maxPreambleBytes: Int

        /// Creates the limits, all in bytes.
        public init(maxPartBytes: Int, maxHeadBytes: Int, maxPreambleBytes: Int) {
            self.maxPartBytes = maxPartBytes
            self.maxHeadBytes = maxHeadBytes
            self.maxPreambleBytes = maxPreambleBytes
        }
    }

    private enum State {
        case start
        case preamble
        case delimiter
        case delimiterEnd
        case head
        case body(remaining: Int)
        case openBody(taken: Int)
        case finished
    }

    private let limits: Limits
    private var boundary: MultipartBoundary
    private var state = State.start
    private var head = MultipartPartHead()
    /// The bytes of the unfinished line that have been scanned.
    private var scanned = 0
    /// The bytes consumed under the limit in force: those of the preamble, of blanks, or of a head.
    private var dropped = 0

    /// - Parameters:
    ///   - boundary: the parameter of Content-Type, checked by the first step; nil to take it from the first line.
    ///   - limits: the limits of the upload.
    public init(boundary: String?, limits: Limits) {
        self.limits = limits
        self.boundary = MultipartBoundary(boundary)
    }

    /// True after a part has begun and before it is whole: a body that ends now was cut off.
    ///
    /// A delimiter alone begins no part: ffmpeg sends the next one right after each part, and nothing else at the end.
    public var isInsidePart: Bool {
        switch state {
        case .head: dropped > 0 || scanned > 0
        case .body, .openBody: true
        case .start, .preamble, .delimiter, .delimiterEnd, .finished: false
        }
    }

    /// Returns the next step for the unread bytes, the first of which are in `window`.
    public mutating func step(_ window: Span<UInt8>) throws(MultipartError) -> ReaderStep {
        switch state {
        case .start:
            try boundary.checkName()
            state = .preamble
            return try stepThroughPreamble(window)
        case .preamble: return try stepThroughPreamble(window)
        case .delimiter: return try stepThroughDelimiter(window)
        case .delimiterEnd: return try stepThroughDelimiterEnd(window)
        case .head: return try stepThroughHead(window)
        case .body(let remaining): return stepThroughBody(window, remaining: remaining)
        case .openBody(let taken): return try stepThroughOpenBody(window, taken: taken)
        case .finished: return .end
        }
    }

    private mutating func stepThroughPreamble(_ window: Span<UInt8>) throws(MultipartError) -> ReaderStep {
        if boundary.isNamed {
            switch boundary.find(window) {
            case .delimiter: return try enterDelimiter(window)
            case .needMore(let count): return .needMore(count)
            case .other: break
            }
        } else {
            for index in 0..<min(2, window.count) where window[index] != ASCII.dash {
                let isEmptyLine = window[0] == ASCII.carriageReturn && (index == 0 || window[1] == ASCII.lineFeed)
                guard isEmptyLine else { throw .noBoundary }
            }
        }
        let lineFeed = ByteSearch.first(ASCII.lineFeed, in: window, from: scanned)
        guard dropped + (lineFeed ?? window.count - 1) < limits.maxPreambleBytes else {
            throw .preambleTooLong(limit: limits.maxPreambleBytes)
        }
        guard let lineFeed else {
            scanned = window.count
            return .needMore(window.count + 1)
        }
        if !boundary.isNamed, lineFeed > 1 {
            guard window[lineFeed - 1] == ASCII.carriageReturn else { throw .noBoundary }
            try boundary.take(from: window.extracting(first: lineFeed - 1))
            return try enterDelimiter(window)
        }
        scanned = 0
        dropped += lineFeed + 1
        return .consume(lineFeed + 1)
    }

    private mutating func enterDelimiter(_ window: Span<UInt8>) throws(MultipartError) -> ReaderStep {
        state = .delimiter
        scanned = 0
        dropped = 0
        return try stepThroughDelimiter(window)
    }

    /// Consumes empty lines, then the delimiter; refuses anything else at its first wrong byte.
    private mutating func stepThroughDelimiter(_ window: Span<UInt8>) throws(MultipartError) -> ReaderStep {
        guard let first = window.indices.first else { return .needMore(1) }
        if window[first] == ASCII.carriageReturn {
            guard window.count >= 2 else { return .needMore(2) }
            guard window[1] == ASCII.lineFeed else { throw .badDelimiter }
            return try drop(2)
        }
        let count = boundary.delimiterByteCount
        guard boundary.matchesDelimiter(window) else { throw .badDelimiter }
        guard window.count >= count else { return .needMore(count) }
        state = .delimiterEnd
        dropped = 0
        return .consume(count)
    }

    /// Consumes two dashes if it was the closing delimiter, otherwise blanks and CRLF.
    private mutating func stepThroughDelimiterEnd(_ window: Span<UInt8>) throws(MultipartError) -> ReaderStep {
        guard let first = window.indices.first else { return .needMore(1) }
        if ASCII.isBlank(window[first]) { return try drop(1) }
        let isClosing = window[first] == ASCII.dash && dropped == 0
        guard isClosing || window[first] == ASCII.carriageReturn else { throw .badDelimiter }
        guard window.count >= 2 else { return .needMore(2) }
        guard window[1] == (isClosing ? ASCII.dash : ASCII.lineFeed) else { throw .badDelimiter }
        state = isClosing ? .finished : .head
        head = MultipartPartHead()
        dropped = 0
        return .consume(2)
    }

    private mutating func drop(_ count: Int) throws(MultipartError) -> ReaderStep {
        dropped += count
        guard dropped <= limits.maxPreambleBytes else { throw .preambleTooLong(limit: limits.maxPreambleBytes) }
        return .consume(count)
    }

    private mutating func stepThroughHead(_ window: Span<UInt8>) throws(MultipartError) -> ReaderStep {
        while scanned < window.count {
            let byte = window[scanned]
            guard dropped + scanned < limits.maxHeadBytes else {
                throw .partHeadTooLarge(limit: limits.maxHeadBytes)
            }
            let isBehindReturn = scanned > 0 && window[scanned - 1] == ASCII.carriageReturn
            guard (byte == ASCII.lineFeed) == isBehindReturn, byte != 0 else {
                throw .badPartHead(ASCII.excerpt(window.extracting(first: scanned)))
            }
            scanned += 1
            guard byte == ASCII.lineFeed else { continue }
            let lineBytes = scanned
            scanned = 0
            dropped += lineBytes
            if lineBytes > 2 {
                try head.add(window.extracting(first: lineBytes - 2), maxPartBytes: limits.maxPartBytes)
            } else if let length = head.contentLength {
                state = .body(remaining: length)
            } else {
                state = .openBody(taken: 0)
            }
            return .consume(lineBytes)
        }
        return .needMore(window.count + 1)
    }

    private mutating func stepThroughBody(_ window: Span<UInt8>, remaining: Int) -> ReaderStep {
        if remaining == 0 { return completePart() }
        guard !window.isEmpty else { return .needMore(1) }
        let count = min(window.count, remaining)
        state = .body(remaining: remaining - count)
        return .take(count)
    }

    private mutating func stepThroughOpenBody(
        _ window: Span<UInt8>, taken: Int
    ) throws(MultipartError) -> ReaderStep {
        switch boundary.findEnd(in: window, isPartEmpty: taken == 0) {
        case .end: return completePart()
        case .needMore(let count): return .needMore(count)
        case .data(let count):
            let allowed = limits.maxPartBytes - taken
            guard allowed > 0 else { throw .partTooLarge(limit: limits.maxPartBytes) }
            let taking = min(count, allowed)
            state = .openBody(taken: taken + taking)
            return .take(taking)
        }
    }

    private mutating func completePart() -> ReaderStep {
        state = .delimiter
        dropped = 0
        return .partComplete
    }
}
