// SPDX-License-Identifier: MIT
public import System
public import WireFormat

/// HTTP/1.1 over one connection, one request after the other, with the arrival time of each piece of an answer.
///
/// Confined to one thread. After an error the connection cannot be used any more.
public final class ClientExchange {
    /// The head of an answer.
    public struct Answer: Equatable, Sendable {
        /// Status and fields.
        public let head: ResponseHead
        /// The time at which its last byte had arrived.
        public let receivedAt: Instant
    }

    /// Some bytes of a body.
    public struct Piece: Equatable, Sendable {
        /// At least one byte, without the transfer coding.
        public let bytes: [UInt8]
        /// The time at which they arrived.
        public let receivedAt: Instant
    }

    private enum Body {
        case none
        case length(left: Int)
        case chunked(ChunkedReader)
        case untilEnd
    }

    private let connection: ClientConnection
    private let maxHeadBytes: Int
    private var received: [UInt8] = []
    private var receivedAt = SystemClock.monotonic()
    private var body = Body.none
    private var isKeepAlive = true

    private static let maxFields = 100
    private static let maxChunkLineBytes = 256
    private static let maxTrailerBytes = 8192

    /// - Parameter maxHeadBytes: the longest head of an answer, in bytes.
    public init(over connection: ClientConnection, maxHeadBytes: Int) {
        self.connection = connection
        self.maxHeadBytes = maxHeadBytes
    }

    /// True if the last answer was read to its end and another request may follow.
    public var isReusable: Bool {
        if case .none = body { return isKeepAlive && received.isEmpty }
        return false
    }

    /// Sends bytes: a head, a body, or both.
    public func send(_ bytes: [UInt8], before deadline: Instant) throws(ClientError) {
        try connection.write(bytes, before: deadline)
    }

    /// Returns the head of the next answer, or of an informational one (1xx).
    public func receiveHead(before deadline: Instant) throws(ClientError) -> Answer {
        var scanner = RequestHeadScanner(maxBytes: maxHeadBytes)
        while true {
            let window = received
            let scan: RequestHeadScanner.Result
            do { scan = try scanner.scan(window.span) } catch {
                if case .headTooLarge(let limit) = error { throw .tooLarge(limitBytes: limit) }
                throw .badHead(.badLineEnd)
            }
            switch scan {
            case .skip(let count): received.removeFirst(count)
            case .complete(let byteCount):
                let head: ResponseHead
                do {
                    head = try ResponseHead.parse(window.span.extracting(first: byteCount), maxFields: Self.maxFields)
                } catch { throw .badHead(error) }
                received.removeFirst(byteCount)
                begin(head)
                return Answer(head: head, receivedAt: receivedAt)
            case .incomplete:
                guard try receive(before: deadline) else { throw .endedEarly }
            }
        }
    }

    /// Returns the next bytes of the body; nil once it has ended.
    public func receivePiece(before deadline: Instant) throws(ClientError) -> Piece? {
        while true {
            if let bytes = try takeBody() { return Piece(bytes: bytes, receivedAt: receivedAt) }
            if case .none = body { return nil }
            guard try receive(before: deadline) else {
                guard case .untilEnd = body else { throw .endedEarly }
                body = .none
                return nil
            }
        }
    }

    /// Returns the rest of the body, at most `maxBytes`.
    public func receiveBody(maxBytes: Int, before deadline: Instant) throws(ClientError) -> [UInt8] {
        var whole: [UInt8] = []
        while let piece = try receivePiece(before: deadline) {
            guard whole.count + piece.bytes.count <= maxBytes else { throw .tooLarge(limitBytes: maxBytes) }
            whole += piece.bytes
        }
        return whole
    }

    /// Returns bytes after an answer that switched protocols (101); nil if the peer has ended its side.
    public func receiveRaw(before deadline: Instant) throws(ClientError) -> Piece? {
        if received.isEmpty {
            guard try receive(before: deadline) else { return nil }
        }
        defer { received = [] }
        return Piece(bytes: received, receivedAt: receivedAt)
    }

    private func begin(_ head: ResponseHead) {
        if head.status >= 200 { isKeepAlive = head.isKeepAlive }
        if head.status < 200 || head.status == 204 || head.status == 304 {
            body = .none
        } else if head.isChunked {
            body = .chunked(
                ChunkedReader(maxLineBytes: Self.maxChunkLineBytes, maxTrailerBytes: Self.maxTrailerBytes))
        } else if let length = head.contentLength {
            body = length == 0 ? .none : .length(left: length)
        } else {
            body = .untilEnd
            isKeepAlive = false
        }
    }

    /// Removes the body's bytes from the received bytes and returns them; nil if there are none.
    private func takeBody() throws(ClientError) -> [UInt8]? {
        switch body {
        case .none: return nil
        case .untilEnd:
            defer { received = [] }
            return received.isEmpty ? nil : received
        case .length(let left):
            let bytes = Array(received.prefix(left))
            received.removeFirst(bytes.count)
            body = left == bytes.count ? .none : .length(left: left - bytes.count)
            return bytes.isEmpty ? nil : bytes
        case .chunked(var reader):
            defer { if case .chunked = body { body = .chunked(reader) } }
            return try takeChunks(&reader)
        }
    }

    private func takeChunks(_ reader: inout ChunkedReader) throws(ClientError) -> [UInt8]? {
        var bytes: [UInt8] = []
        let window = received
        var used = 0
        defer { received.removeFirst(used) }
        while true {
            let step: ReaderStep
            do { step = try reader.step(window.span.extracting(used..<window.count)) } catch { throw .badBody(error) }
            switch step {
            case .consume(let count): used += count
            case .take(let count):
                bytes += window[used..<(used + count)]
                used += count
            case .needMore, .partComplete: return bytes.isEmpty ? nil : bytes
            case .end:
                body = .none
                return bytes.isEmpty ? nil : bytes
            }
        }
    }

    private func receive(before deadline: Instant) throws(ClientError) -> Bool {
        defer { receivedAt = SystemClock.monotonic() }
        return try connection.read(into: &received, before: deadline)
    }
}
