// SPDX-License-Identifier: MIT

/// The layout of the block of one frame. Every form of stream is up to three ranges of it, so no viewer costs a copy:
///
///     prefix   chunk size CRLF | Content-Type, Content-Length, X-Timestamp CRLF CRLF
///     JPEG
///     suffix   CRLF --frame CRLF | CRLF | pieces of the rarer forms
///
/// The two most common forms (plain, boundary `frame`, with and without chunks) are one range each. No form takes more
/// than three.
public struct FrameLayout: Sendable {
    /// The bytes before the JPEG.
    public private(set) var prefix: [UInt8]
    /// The bytes after the JPEG.
    public let suffix: [UInt8]
    /// The range of the JPEG in the block.
    public let jpeg: Range<Int>

    /// The start of the plain part head, which ends where the JPEG begins.
    private let headStart: Int
    private let timestampRange: Range<Int>
    /// The ranges of the chunk size lines, in the order of `FrameTail.index`.
    private var sizeLines: InlineArray<8, Range<Int>> = .init(repeating: 0..<0)

    /// - Parameters:
    ///   - jpegByteCount: the frame's size in bytes, not negative.
    ///   - timestampMicroseconds: the frame's time in µs since 1970, for `X-Timestamp`; a negative one counts as 0.
    ///   - prefixByteCount: the smallest size of the prefix in bytes; padding that makes it up is never sent.
    public init(jpegByteCount: Int, timestampMicroseconds: Int64, prefixByteCount: Int = 0) {
        let time = max(0, timestampMicroseconds)
        var head: [UInt8] = []
        head.reserveCapacity(112)
        head.append("Content-Type: image/jpeg\r\nContent-Length: ")
        head.appendDecimal(Int64(jpegByteCount))
        head.append("\r\nX-Timestamp: ")
        let timestamp = Self.timestamp(time)
        head += timestamp
        head.append("\r\n\r\n")

        let tail = FrameTail.shared
        var prefix: [UInt8] = []
        prefix.reserveCapacity(head.count + 10)
        let plain = FrameTail.forms[0]
        prefix.appendChunkSizeLine(head.count + jpegByteCount + tail.piece(plain, isLast: false).content.count)
        let padding = max(0, prefixByteCount - prefix.count - head.count)
        prefix = Array(repeating: 0, count: padding) + prefix
        headStart = prefix.count
        prefix += head
        jpeg = prefix.count..<(prefix.count + jpegByteCount)
        sizeLines[FrameTail.index(plain, isLast: false)] = padding..<headStart

        var suffix: [UInt8] = []
        suffix.reserveCapacity(tail.bytes.count + 64)
        suffix += tail.bytes
        for isLast in [false, true] {
            for form in FrameTail.forms where isLast || form != plain {
                let start = jpeg.upperBound + suffix.count
                let part = form.advanceHeaders ? jpegByteCount : head.count + jpegByteCount
                suffix.appendChunkSizeLine(part + tail.piece(form, isLast: isLast).content.count)
                sizeLines[FrameTail.index(form, isLast: isLast)] = start..<(jpeg.upperBound + suffix.count)
            }
        }
        timestampRange = (prefix.count - 4 - timestamp.count)..<(prefix.count - 4)
        self.prefix = prefix
        self.suffix = suffix
    }

    /// The size of the whole block in bytes.
    public var byteCount: Int { prefix.count + jpeg.count + suffix.count }

    /// Returns the part for one viewer: up to the next delimiter, in the browser form up to the end of the next head.
    public func part(for form: StreamForm) -> PartRanges { ranges(form, isLast: false) }

    /// Returns the same part as the last of a stream: it ends with the closing delimiter and, if the body is chunked,
    /// with the last chunk.
    public func lastPart(for form: StreamForm) -> PartRanges { ranges(form, isLast: true) }

    /// Replaces the timestamp: the block is made before the frame's bytes arrive, its time is that of the last byte.
    ///
    /// The old timestamp stays if the new one has another number of digits. That happens only if the clock is set from
    /// 1970 to the present in between.
    public mutating func stamp(timestampMicroseconds: Int64) {
        let timestamp = Self.timestamp(max(0, timestampMicroseconds))
        guard timestamp.count == timestampRange.count else { return }
        prefix.replaceSubrange(timestampRange, with: timestamp)
    }

    /// Returns seconds with six decimals.
    private static func timestamp(_ microseconds: Int64) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(20)
        text.appendDecimal(microseconds / 1_000_000)
        text.append(".")
        text.appendDecimal(microseconds % 1_000_000, minimumDigits: 6)
        return text
    }

    private func ranges(_ form: StreamForm, isLast: Bool) -> PartRanges {
        var ranges = PartRanges()
        if form.isChunked { ranges.append(sizeLines[FrameTail.index(form, isLast: isLast)]) }
        ranges.append((form.advanceHeaders ? jpeg.lowerBound : headStart)..<jpeg.upperBound)
        let piece = FrameTail.shared.piece(form, isLast: isLast)
        let tail = form.isChunked ? piece.framed : piece.content
        ranges.append((jpeg.upperBound + tail.lowerBound)..<(jpeg.upperBound + tail.upperBound))
        return ranges
    }
}
