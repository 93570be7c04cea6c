// SPDX-License-Identifier: MIT

/// The inspection of a JPEG (ITU-T T.81): checks that it is whole, and reads its size. Nothing is decoded.
public enum JPEG {
    /// The longest side in pixels, the limit of the common decoders. The shortest is 1.
    static let maxSidePixels = 65_500
    /// The most bytes between the segments of one JPEG, in total.
    static let maxStrayBytes = 64 << 10

    /// The values in the frame header of a whole JPEG.
    public struct Info: Equatable, Sendable {
        /// Pixels per line, 1 to 65,500.
        public let width: Int
        /// Lines, 1 to 65,500.
        public let height: Int
        /// The number of components: 1 (grey) or 3 (colour).
        public let components: Int
        /// True for progressive (SOF2), false for baseline and extended sequential (SOF0, SOF1).
        public let isProgressive: Bool

        /// Creates it from unchecked values.
        public init(width: Int, height: Int, components: Int, isProgressive: Bool) {
            self.width = width
            self.height = height
            self.components = components
            self.isProgressive = isProgressive
        }
    }

    /// Checks all markers from SOI to EOI, entropy-coded data included, and accepts only a whole JPEG: 8 bits a sample,
    /// one or three components, baseline, extended sequential or progressive, correct segment lengths, and at least one
    /// scan. Restart markers, any APPn and COM, and missing Huffman tables are accepted. Up to 64 KiB between segments
    /// are skipped, as decoders skip them. Bytes after EOI are ignored: many cameras send their whole buffer.
    ///
    /// One pass; 40 KB take 2 to 6 µs, depending on how many bytes of the data are stuffed.
    /// - Returns: the values of the frame header, and the size from SOI to EOI in bytes.
    public static func inspect(_ bytes: Span<UInt8>) throws(JPEGError) -> (info: Info, byteCount: Int) {
        guard !bytes.isEmpty else { throw .empty }
        guard bytes.count >= 2, bytes[0] == 0xFF, bytes[1] == Marker.startOfImage else { throw .noStartOfImage }
        var offset = 2
        var header: JPEGFrameHeader?
        var hasScan = false
        var strayByteCount = 0
        while true {
            let code = try marker(in: bytes, at: &offset, &strayByteCount)
            switch code {
            case Marker.endOfImage:
                guard let header, hasScan else { throw .noScan }
                return (header.info, offset)
            case Marker.startOfScan:
                let segment = try contents(in: bytes, of: code, at: &offset)
                guard let header else { throw .unexpectedMarker(code: code, offset: segment.lowerBound - 4) }
                try header.checkScan(bytes.extracting(segment), offset: segment.lowerBound - 4)
                try skipEntropyCodedData(in: bytes, at: &offset)
                hasScan = true
            case 0xC0, 0xC1, 0xC2:
                let segment = try contents(in: bytes, of: code, at: &offset)
                guard header == nil else { throw .unexpectedMarker(code: code, offset: segment.lowerBound - 4) }
                header = try JPEGFrameHeader(
                    bytes.extracting(segment), code: code, offset: segment.lowerBound - 4)
            case Marker.huffmanTables, Marker.quantizationTables, Marker.restartInterval, 0xE0...0xEF, Marker.comment:
                let segment = try contents(in: bytes, of: code, at: &offset)
                try JPEGTables.check(bytes.extracting(segment), code: code, offset: segment.lowerBound - 4)
            case 0xC3, 0xC5...0xCF, 0xDE, 0xDF, 0xF7, 0xF8:
                throw .unsupportedCoding(code: code)
            default:
                throw .unexpectedMarker(code: code, offset: offset - 2)
            }
        }
    }

    /// Marker codes (ITU-T T.81, table B.1).
    enum Marker {
        static let huffmanTables: UInt8 = 0xC4
        static let startOfImage: UInt8 = 0xD8
        static let endOfImage: UInt8 = 0xD9
        static let startOfScan: UInt8 = 0xDA
        static let quantizationTables: UInt8 = 0xDB
        static let restartInterval: UInt8 = 0xDD
        static let comment: UInt8 = 0xFE
    }

    /// Returns the code of the next marker from `offset`, and moves `offset` to the byte after it. Fill bytes before a
    /// marker are legal (B.1.1.2).
    /// - Parameter strayByteCount: the bytes so far that belong to no segment.
    private static func marker(
        in bytes: Span<UInt8>, at offset: inout Int, _ strayByteCount: inout Int
    ) throws(JPEGError) -> UInt8 {
        while let found = ByteSearch.first(0xFF, in: bytes, from: offset) {
            var next = found + 1
            while next < bytes.count, bytes[next] == 0xFF { next += 1 }
            guard next < bytes.count else { break }
            let isStuffed = bytes[next] == 0
            strayByteCount += found - offset + (isStuffed ? 2 : 0)
            guard strayByteCount <= maxStrayBytes else { throw .bytesBetweenSegments(offset: offset) }
            offset = next + 1
            if !isStuffed { return bytes[next] }
        }
        throw .truncated(byteCount: bytes.count)
    }

    /// Returns the range of a segment's contents after its length, and moves `offset` to the end of the segment.
    private static func contents(
        in bytes: Span<UInt8>, of code: UInt8, at offset: inout Int
    ) throws(JPEGError) -> Range<Int> {
        guard bytes.count - offset >= 2 else { throw .truncated(byteCount: bytes.count) }
        let length = Int(bytes[offset]) << 8 | Int(bytes[offset + 1])
        guard length >= 2 else { throw .wrongSegmentLength(code: code, offset: offset - 2) }
        guard bytes.count - offset >= length else { throw .truncated(byteCount: bytes.count) }
        defer { offset += length }
        return (offset + 2)..<(offset + length)
    }

    /// Moves `offset` to the marker that ends the scan. `FF 00` is a stuffed byte, and `FF D0` to `FF D7` restart the
    /// decoder (B.1.1.5, B.2.1); neither ends the scan.
    private static func skipEntropyCodedData(in bytes: Span<UInt8>, at offset: inout Int) throws(JPEGError) {
        let start = offset
        while let found = ByteSearch.first(0xFF, in: bytes, from: offset) {
            guard found + 1 < bytes.count else { break }
            let code = bytes[found + 1]
            if code == 0 || 0xD0...0xD7 ~= code {
                offset = found + 2
                continue
            }
            guard found > start else { throw .emptyScan(offset: start) }
            offset = found
            return
        }
        throw .truncated(byteCount: bytes.count)
    }
}
