// SPDX-License-Identifier: MIT

/// Checks the inner lengths of the segments that hold tables (ITU-T T.81, B.2.4).
enum JPEGTables {
    /// Checks a segment; one without tables passes. `contents` is the segment after its length.
    static func check(_ contents: Span<UInt8>, code: UInt8, offset: Int) throws(JPEGError) {
        switch code {
        case JPEG.Marker.quantizationTables: try checkQuantization(contents, offset: offset)
        case JPEG.Marker.huffmanTables: try checkHuffman(contents, offset: offset)
        case JPEG.Marker.restartInterval:
            guard contents.count == 2 else { throw .wrongSegmentLength(code: code, offset: offset) }
        default: break
        }
    }

    /// Checks tables of precision (0 or 1) and destination (0 to 3) in one byte, then 64 values of one or two bytes.
    private static func checkQuantization(_ contents: Span<UInt8>, offset: Int) throws(JPEGError) {
        let code = JPEG.Marker.quantizationTables
        var place = 0
        repeat {
            guard place < contents.count else { throw .wrongSegmentLength(code: code, offset: offset) }
            let precision = contents[place] >> 4
            guard precision <= 1, contents[place] & 15 <= 3 else {
                throw .wrongSegmentContents(code: code, offset: offset)
            }
            place += precision == 0 ? 65 : 129
        } while place < contents.count
        guard place == contents.count else { throw .wrongSegmentLength(code: code, offset: offset) }
    }

    /// Checks tables of class (0 or 1) and destination (0 to 3) in one byte, 16 counts, then as many values.
    private static func checkHuffman(_ contents: Span<UInt8>, offset: Int) throws(JPEGError) {
        let code = JPEG.Marker.huffmanTables
        var place = 0
        repeat {
            guard contents.count - place >= 17 else { throw .wrongSegmentLength(code: code, offset: offset) }
            guard contents[place] >> 4 <= 1, contents[place] & 15 <= 3 else {
                throw .wrongSegmentContents(code: code, offset: offset)
            }
            var values = 0
            for length in 1...16 { values += Int(contents[place + length]) }
            guard values <= 256 else { throw .wrongSegmentContents(code: code, offset: offset) }
            place += 17 + values
        } while place < contents.count
        guard place == contents.count else { throw .wrongSegmentLength(code: code, offset: offset) }
    }
}
