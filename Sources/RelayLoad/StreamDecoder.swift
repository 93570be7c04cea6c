// SPDX-License-Identifier: MIT
import WireFormat

/// A violation of the protocol by the bytes of a stream.
enum StreamError: Error, Equatable {
    case badResponseHead
    /// A line or a head is longer than anything the relay sends.
    case tooLong
    case badChunk
    case badDelimiter
    /// The part has no Content-Length, or one that is not a number.
    case badPartHead
}

/// Decodes one `/stream` response: undoes the response head, the chunked coding and the multipart framing.
///
/// A pure value: bytes go in as they arrive, events come out in their order. The load tool has its own code for the
/// body, not WireFormat's: a mistake in code that the server shares with its checker would not be found.
struct StreamDecoder {
    enum Event: Equatable {
        case head(ResponseHead)
        /// A part's head is read; its JPEG has this many bytes.
        case part(jpegBytes: Int)
        /// Bytes of the JPEG: this range of the bytes passed in.
        case jpeg(Range<Int>)
        /// The delimiter after the JPEG is read whole.
        case partEnd
        /// The closing delimiter is read.
        case end
    }

    private enum Phase {
        case head, firstDelimiter, partHead
        case jpeg(remaining: Int)
        case delimiter, ended
    }

    private enum Chunk {
        /// The body is not chunked: it continues until the connection ends.
        case none
        case size
        case data(remaining: Int)
        case dataEnd, last
    }

    private var phase = Phase.head
    private var chunk = Chunk.none
    /// The head, line or delimiter that is read so far.
    private var text: [UInt8] = []
    private var chunkText: [UInt8] = []
    private var delimiter: [UInt8] = []
    private var closingDelimiter: [UInt8] = []

    private static let longestHeadBytes = 16384
    private static let mostFields = 64
    private static let longestChunkLineBytes = 32
    private static let blankLine = Array("\r\n\r\n".utf8)
    private static let lineEnd = Array("\r\n".utf8)

    /// Returns the next event in `bytes` from `offset` on and moves `offset` past it; nil when the bytes are used up.
    mutating func next(in bytes: Span<UInt8>, from offset: inout Int) throws(StreamError) -> Event? {
        while offset < bytes.count {
            switch chunk {
            case .none:
                if let event = try decode(bytes, &offset, upTo: bytes.count) { return event }
            case .data(let remaining):
                let start = offset
                let event = try decode(bytes, &offset, upTo: min(bytes.count, start + remaining))
                let left = remaining - (offset - start)
                chunk = left == 0 ? .dataEnd : .data(remaining: left)
                if let event { return event }
            case .size, .dataEnd, .last:
                try decodeChunkByte(bytes[offset])
                offset += 1
            }
        }
        return nil
    }

    private mutating func decodeChunkByte(_ byte: UInt8) throws(StreamError) {
        chunkText.append(byte)
        guard chunkText.count <= Self.longestChunkLineBytes else { throw .badChunk }
        guard chunkText.suffix(2) == Self.lineEnd[...] else { return }
        let line = chunkText.dropLast(2)
        chunkText.removeAll(keepingCapacity: true)
        switch chunk {
        case .size:
            guard let size = Int(String(decoding: line, as: UTF8.self), radix: 16), size >= 0, line.first != 0x2B else {
                throw .badChunk
            }
            chunk = size == 0 ? .last : .data(remaining: size)
        case .dataEnd:
            guard line.isEmpty else { throw .badChunk }
            chunk = .size
        case .none, .data, .last:
            // One blank line follows the last chunk (no trailers), and then nothing.
            guard line.isEmpty, case .ended = phase else { throw .badChunk }
        }
    }

    private mutating func decode(
        _ bytes: Span<UInt8>, _ offset: inout Int, upTo limit: Int
    ) throws(StreamError) -> Event? {
        switch phase {
        case .head:
            guard try collect(until: Self.blankLine, bytes, &offset, limit) else { return nil }
            let head: ResponseHead
            do { head = try ResponseHead.parse(takeText().span, maxFields: Self.mostFields) } catch {
                throw .badResponseHead
            }
            let boundary = Array("--\(head.boundary ?? "")".utf8)
            delimiter = Self.lineEnd + boundary + Self.lineEnd
            closingDelimiter = Self.lineEnd + boundary + Array("--".utf8)
            chunk = head.isChunked ? .size : .none
            phase = .firstDelimiter
            return .head(head)

        case .firstDelimiter:
            guard try collect(until: Self.lineEnd, bytes, &offset, limit) else { return nil }
            guard takeText()[...] == delimiter.dropFirst(2) else { throw .badDelimiter }
            phase = .partHead
            return nil

        case .partHead:
            guard try collect(until: Self.blankLine, bytes, &offset, limit) else { return nil }
            guard let length = Self.contentLength(inPartHead: takeText()) else { throw .badPartHead }
            phase = .jpeg(remaining: length)
            return .part(jpegBytes: length)

        case .jpeg(let remaining):
            let range = offset..<min(limit, offset + remaining)
            offset = range.upperBound
            phase = remaining == range.count ? .delimiter : .jpeg(remaining: remaining - range.count)
            return .jpeg(range)

        case .delimiter:
            while offset < limit, text.count < delimiter.count {
                text.append(bytes[offset])
                offset += 1
            }
            guard text.count == delimiter.count else { return nil }
            let found = takeText()
            if found == delimiter {
                phase = .partHead
                return .partEnd
            }
            guard found == closingDelimiter else { throw .badDelimiter }
            phase = .ended
            return .end

        case .ended:
            // A line end may follow the closing delimiter (RFC 2046, section 5.1.1: the epilogue).
            offset = limit
            return nil
        }
    }

    /// Adds bytes to `text` until it ends with `terminator`; true when it does.
    private mutating func collect(
        until terminator: [UInt8], _ bytes: Span<UInt8>, _ offset: inout Int, _ limit: Int
    ) throws(StreamError) -> Bool {
        while offset < limit {
            text.append(bytes[offset])
            offset += 1
            if text.last == 0x0A, text.suffix(terminator.count) == terminator[...] { return true }
            guard text.count < Self.longestHeadBytes else { throw .tooLong }
        }
        return false
    }

    private mutating func takeText() -> [UInt8] {
        defer { text.removeAll(keepingCapacity: true) }
        return text
    }

    private static func contentLength(inPartHead head: [UInt8]) -> Int? {
        for line in String(decoding: head, as: UTF8.self).split(separator: "\r\n") {
            let halves = line.split(separator: ":", maxSplits: 1)
            if halves.count == 2, halves[0].lowercased() == "content-length" {
                return Int(halves[1].drop { $0 == " " }).flatMap { $0 >= 0 ? $0 : nil }
            }
        }
        return nil
    }
}
