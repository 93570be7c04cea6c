// SPDX-License-Identifier: MIT
import LibEvent
import WireFormat

/// Removes the framing of a streaming upload's body: chunked, a declared length, or everything until the end of data.
struct UploadBody {
    private enum Framing {
        case chunked(ChunkedReader)
        case length(left: Int)
        case untilEnd
    }

    private var framing: Framing
    private var minimum = 1

    private static let maxChunkLineBytes = 256
    private static let maxTrailerBytes = 8192

    init(_ head: RequestHead) {
        if head.isChunked {
            framing = .chunked(
                ChunkedReader(maxLineBytes: Self.maxChunkLineBytes, maxTrailerBytes: Self.maxTrailerBytes))
        } else if let length = head.contentLength {
            framing = .length(left: length)
        } else {
            framing = .untilEnd
        }
    }

    /// True if the end of data is a valid end of the body.
    var mayEndHere: Bool {
        if case .untilEnd = framing { return true }
        return false
    }

    /// Returns true if `input` holds enough bytes for another step.
    func canMove(_ input: InputBuffer) -> Bool { input.count >= minimum }

    /// Moves the available bytes of the body. Returns true if the body is complete.
    mutating func move(from input: InputBuffer, to content: InputBuffer) throws(UploadStreamError) -> Bool {
        switch framing {
        case .untilEnd:
            input.move(input.count, to: content)
            return false
        case .length(let left):
            let count = min(left, input.count)
            input.move(count, to: content)
            framing = .length(left: left - count)
            return left == count
        case .chunked(var reader):
            defer { framing = .chunked(reader) }
            return try moveChunks(&reader, from: input, to: content)
        }
    }

    private mutating func moveChunks(
        _ reader: inout ChunkedReader, from input: InputBuffer, to content: InputBuffer
    ) throws(UploadStreamError) -> Bool {
        guard input.count >= minimum else { return false }
        // Also with nothing left: the reader reports the end of the body only when it is asked after the last byte.
        while true {
            let step = try input.withFront(atLeast: minimum) { (front) throws(UploadStreamError) in
                do throws(ChunkedError) { return try reader.step(front) } catch { throw .chunked(error) }
            }
            minimum = 1
            switch step {
            case .consume(let count): input.drop(count)
            case .take(let count): input.move(count, to: content)
            case .needMore(let count):
                minimum = max(count, 1)
                guard input.count >= minimum else { return false }
            case .end: return true
            case .partComplete: break
            }
        }
    }
}
