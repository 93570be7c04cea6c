// SPDX-License-Identifier: MIT

/// Reads a server's HTTP/1 answers from bytes that arrive in any pieces (RFC 9112 sections 4, 6, 7 and 9).
///
/// A pure value for programs that are clients: bytes go in, heads, pieces of bodies and ends come out, in order and the
/// same however the bytes are cut. It holds only the head, the chunk line or the trailer line that is not whole yet, so
/// its limits bound its memory. After an error it must not be used any more.
public struct AnswerReader: Sendable {
    /// The largest accepted answer.
    public struct Limits: Equatable, Sendable {
        /// The longest head with its blank line, in bytes.
        public var headBytes: Int
        /// The most fields of a head.
        public var fields: Int
        /// The longest size line of a chunk with its extension and CRLF, in bytes.
        public var chunkLineBytes: Int
        /// All trailer lines of a body together, in bytes.
        public var trailerBytes: Int
        /// The longest body, without its transfer coding, in bytes; nil for any length.
        public var bodyBytes: Int?

        /// Sets the limits. Those that have defaults bound only what few servers send at all.
        public init(
            headBytes: Int, bodyBytes: Int?, fields: Int = 100, chunkLineBytes: Int = 256, trailerBytes: Int = 8192
        ) {
            self.headBytes = headBytes
            self.fields = fields
            self.chunkLineBytes = chunkLineBytes
            self.trailerBytes = trailerBytes
            self.bodyBytes = bodyBytes
        }
    }

    /// A finding in the bytes.
    public enum Event: Equatable, Sendable {
        /// A whole head. One with a status below 200 is an interim answer, after which another head follows; after 101
        /// (Switching Protocols) everything is body, to the end of the connection.
        case head(ResponseHead)
        /// Bytes of the body, without transfer coding: this range of the bytes passed in, never empty.
        case body(Range<Int>)
        /// The answer is complete.
        case end
    }

    private enum State {
        case idle, head, ended
        case length(left: Int)
        case chunked(ChunkedReader)
        case untilEnd
    }

    private static let heldAtOnce = 512

    private let limits: Limits
    private var state = State.idle
    private var scanner: RequestHeadScanner
    /// The bytes of the head or line that is not whole yet.
    private var held: [UInt8] = []
    private var bodyBytesLeft = Int.max
    private var isTooLarge = false
    private var isHeadRequest = false
    private var isKeepAlive = true

    /// Creates a reader that expects no answer yet.
    public init(limits: Limits) {
        self.limits = limits
        scanner = RequestHeadScanner(maxBytes: limits.headBytes)
    }

    /// True if no answer is under way and another request may be sent.
    public var isReusable: Bool {
        if case .idle = state { return isKeepAlive }
        return false
    }

    /// Expects the answer to one request. Does nothing while an answer is under way.
    ///
    /// - Parameter toHead: true if the request's method is HEAD, whose answer has no body (RFC 9110 section 9.3.2).
    public mutating func expectAnswer(toHead: Bool = false) {
        guard case .idle = state else { return }
        state = .head
        isHeadRequest = toHead
        bodyBytesLeft = limits.bodyBytes ?? .max
    }

    /// Returns the next event in `bytes` from `offset` on and moves `offset` past it; nil once the bytes are used up.
    ///
    /// Bytes that no request was sent for are dropped, and leave the connection unusable for further requests.
    public mutating func next(in bytes: Span<UInt8>, from offset: inout Int) throws(AnswerError) -> Event? {
        while true {
            if isTooLarge { throw .bodyTooLarge(limitBytes: limits.bodyBytes ?? .max) }
            switch state {
            case .ended:
                if offset < bytes.count { isKeepAlive = false }
                state = .idle
                return .end
            case .idle:
                if offset < bytes.count { isKeepAlive = false }
                offset = bytes.count
                return nil
            case .head:
                guard let head = try readHead(bytes, &offset) else { return nil }
                begin(head)
                return .head(head)
            case .untilEnd:
                let event = body(bytes.count - offset, &offset)
                if event != nil || !isTooLarge { return event }
            case .length(let left):
                let count = min(left, bytes.count - offset)
                state = left == count ? .ended : .length(left: left - count)
                if let event = body(count, &offset) { return event }
                if count < left, !isTooLarge { return nil }
            case .chunked(var reader):
                let (event, isWaiting) = try readChunks(&reader, bytes, &offset)
                if case .chunked = state { state = .chunked(reader) }
                if isWaiting || event != nil { return event }
            }
        }
    }

    /// Returns the event that the end of the connection means: the end of a body without a length, or nil between two
    /// answers.
    public mutating func endOfData() throws(AnswerError) -> Event? {
        isKeepAlive = false
        switch state {
        case .idle: return nil
        case .untilEnd, .ended:
            state = .idle
            return .end
        case .head, .length, .chunked: throw .endedEarly
        }
    }

    private mutating func begin(_ head: ResponseHead) {
        if head.status == 101 {
            isKeepAlive = false
            state = .untilEnd
        } else if head.status < 200 {
            state = .head
        } else {
            isKeepAlive = isKeepAlive && head.isKeepAlive
            state = framing(of: head)
        }
    }

    /// Returns the state in which the body is read (RFC 9112 section 6.3).
    private mutating func framing(of head: ResponseHead) -> State {
        if isHeadRequest || head.status == 204 || head.status == 304 { return .ended }
        if head.isChunked {
            return .chunked(ChunkedReader(maxLineBytes: limits.chunkLineBytes, maxTrailerBytes: limits.trailerBytes))
        }
        if let length = head.contentLength { return .length(left: length) }
        isKeepAlive = false
        return .untilEnd
    }

    /// Passes on the next `count` bytes as body, up to the limit; nil for none.
    private mutating func body(_ count: Int, _ offset: inout Int) -> Event? {
        let allowed = min(count, bodyBytesLeft)
        isTooLarge = allowed < count
        guard allowed > 0 else { return nil }
        bodyBytesLeft -= allowed
        let range = offset..<offset + allowed
        offset = range.upperBound
        return .body(range)
    }

    private mutating func readHead(
        _ bytes: Span<UInt8>, _ offset: inout Int
    ) throws(AnswerError) -> ResponseHead? {
        var scanner = self.scanner
        defer { self.scanner = scanner }
        while true {
            let before = held.count
            // Little at a time: the bytes after the head are the body's, which is not copied.
            let added = bytes.extracting(offset..<offset + min(bytes.count - offset, Self.heldAtOnce))
            held.append(added)
            let result: RequestHeadScanner.Result
            do { result = try scanner.scan(held.span) } catch {
                if case .headTooLarge(let limit) = error { throw .headTooLarge(limitBytes: limit) }
                throw .badHead(.badLineEnd)
            }
            switch result {
            case .incomplete:
                offset += added.count
                if offset == bytes.count { return nil }
            case .skip(let count):
                // The empty line ends in the bytes that are new, since the ones before had no end of a line.
                offset += count - before
                held.removeAll(keepingCapacity: true)
            case .complete(let count):
                defer { held.removeAll(keepingCapacity: false) }
                offset += count - before
                do { return try ResponseHead.parse(held.span.extracting(first: count), maxFields: limits.fields) } catch
                {
                    throw .badHead(error)
                }
            }
        }
    }

    /// Reads framing up to the next bytes of the body. Returns true if it needs bytes that are not here yet.
    private mutating func readChunks(
        _ reader: inout ChunkedReader, _ bytes: Span<UInt8>, _ offset: inout Int
    ) throws(AnswerError) -> (event: Event?, isWaiting: Bool) {
        while true {
            let step: ReaderStep
            do {
                step = try held.isEmpty ? reader.step(bytes.extracting(offset..<bytes.count)) : reader.step(held.span)
            } catch { throw .badBody(error) }
            switch step {
            case .take(let count): return (body(count, &offset), false)
            case .consume(let count):
                // A held line ends with the last byte that was added to it.
                if held.isEmpty { offset += count } else { held.removeAll(keepingCapacity: true) }
            case .needMore:
                guard offset < bytes.count else { return (nil, true) }
                if held.isEmpty {
                    held.append(bytes.extracting(offset..<bytes.count))
                    offset = bytes.count
                } else {
                    held.append(bytes[offset])
                    offset += 1
                }
            case .end, .partComplete:
                state = .ended
                return (nil, false)
            }
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ bytes: Span<UInt8>) {
        for index in bytes.indices { append(bytes[index]) }
    }
}
