// SPDX-License-Identifier: MIT

/// The block that one frame is kept in, so that every form of stream is a matter of ranges and no viewer costs a copy:
///
///     prefix   chunk size CRLF | Content-Type, Content-Length, X-Timestamp CRLF CRLF
///     JPEG
///     suffix   CRLF --frame CRLF | CRLF | what the rarer forms need
///
/// The two most common forms (plain, boundary `frame`, with and without chunks) are one range each; no form takes more
/// than three.
public struct FrameLayout: Sendable {
    /// Everything in front of the JPEG.
    public private(set) var prefix: [UInt8]
    /// Everything behind the JPEG.
    public let suffix: [UInt8]
    /// Where the JPEG lies in the block.
    public let jpeg: Range<Int>

    /// Where the plain part head begins; it ends where the JPEG begins.
    private let headStart: Int
    private let timestampRange: Range<Int>
    /// Where the chunk size lines lie, in the order of `FrameTail.index`.
    private var sizeLines: InlineArray<8, Range<Int>> = .init(repeating: 0..<0)

    /// - Parameters:
    ///   - jpegByteCount: the frame's size in bytes, not negative.
    ///   - timestampMicroseconds: its time since 1970, for `X-Timestamp`; a time before counts as 0.
    ///   - prefixByteCount: the size of the prefix where it is given; what is more than needed is never sent.
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

    /// The bytes of the whole block.
    public var byteCount: Int { prefix.count + jpeg.count + suffix.count }

    /// The part as one viewer gets it: up to the next delimiter, in the browser form up to the end of the next head.
    public func part(for form: StreamForm) -> PartRanges { ranges(form, isLast: false) }

    /// The same part as the last of a stream: it ends in the closing delimiter, and a chunked body ends with it.
    public func lastPart(for form: StreamForm) -> PartRanges { ranges(form, isLast: true) }

    /// Replaces the timestamp: the room for a frame is made before its bytes arrive, its time is that of the last one.
    ///
    /// The old one stays where the new one has another number of digits, which happens only if the clock is set from
    /// 1970 to the present between the two.
    public mutating func stamp(timestampMicroseconds: Int64) {
        let timestamp = Self.timestamp(max(0, timestampMicroseconds))
        guard timestamp.count == timestampRange.count else { return }
        prefix.replaceSubrange(timestampRange, with: timestamp)
    }

    /// Seconds with six decimals.
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
