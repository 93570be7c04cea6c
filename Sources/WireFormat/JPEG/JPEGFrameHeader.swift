// SPDX-License-Identifier: MIT

/// A checked frame header (SOF0, SOF1, SOF2; ITU-T T.81, B.2.2), which the scan headers must fit.
struct JPEGFrameHeader {
    let info: JPEG.Info
    /// The identifiers of the components, in the order of the header.
    private var identifiers: InlineArray<3, UInt8> = [0, 0, 0]
    /// The blocks of each component in one unit of an interleaved scan.
    private var blocks: InlineArray<3, Int> = [0, 0, 0]

    /// Creates it from `contents`, the segment after its length. `offset` is the position of its marker, for errors.
    init(_ contents: Span<UInt8>, code: UInt8, offset: Int) throws(JPEGError) {
        guard contents.count >= 6 else { throw .wrongSegmentLength(code: code, offset: offset) }
        guard contents[0] == 8 else { throw .unsupportedPrecision(bits: Int(contents[0])) }
        let height = Int(contents[1]) << 8 | Int(contents[2])
        let width = Int(contents[3]) << 8 | Int(contents[4])
        let components = Int(contents[5])
        guard contents.count == 6 + 3 * components else { throw .wrongSegmentLength(code: code, offset: offset) }
        guard components == 1 || components == 3 else { throw .unsupportedComponents(count: components) }
        // A height of 0 means that a DNL segment gives it later, which most decoders do not read.
        guard 1...JPEG.maxSidePixels ~= width, 1...JPEG.maxSidePixels ~= height else {
            throw .unsupportedSize(width: width, height: height)
        }
        info = JPEG.Info(width: width, height: height, components: components, isProgressive: code == 0xC2)
        for index in 0..<components {
            let identifier = contents[6 + 3 * index]
            let horizontal = Int(contents[7 + 3 * index] >> 4)
            let vertical = Int(contents[7 + 3 * index] & 15)
            guard 1...4 ~= horizontal, 1...4 ~= vertical, contents[8 + 3 * index] <= 3 else {
                throw .wrongSegmentContents(code: code, offset: offset)
            }
            for earlier in 0..<index where identifiers[earlier] == identifier {
                throw .wrongSegmentContents(code: code, offset: offset)
            }
            identifiers[index] = identifier
            blocks[index] = horizontal * vertical
        }
    }

    /// Checks a scan header (SOS, B.2.3) against this frame. `contents` is the segment after its length.
    func checkScan(_ contents: Span<UInt8>, offset: Int) throws(JPEGError) {
        guard let first = contents.indices.first else {
            throw .wrongSegmentLength(code: JPEG.Marker.startOfScan, offset: offset)
        }
        let count = Int(contents[first])
        guard contents.count == 4 + 2 * count else {
            throw .wrongSegmentLength(code: JPEG.Marker.startOfScan, offset: offset)
        }
        guard 1...info.components ~= count else { throw .wrongScan(offset: offset) }
        var next = 0
        var unitBlocks = 0
        for index in 0..<count {
            // Components keep the order of the frame header, so each is searched for after the one before.
            while next < info.components, identifiers[next] != contents[1 + 2 * index] { next += 1 }
            guard next < info.components else { throw .wrongScan(offset: offset) }
            unitBlocks += blocks[next]
            next += 1
            let tables = contents[2 + 2 * index]
            guard tables >> 4 <= 3, tables & 15 <= 3 else {
                throw .wrongSegmentContents(code: JPEG.Marker.startOfScan, offset: offset)
            }
        }
        guard count == 1 || unitBlocks <= 10 else { throw .wrongScan(offset: offset) }
        // Some cameras leave these three bytes zero in baseline frames, and every decoder ignores them there.
        guard info.isProgressive else { return }
        try checkProgression(contents.extracting((1 + 2 * count)...), componentCount: count, offset: offset)
    }

    /// Checks spectral selection and successive approximation (G.1.1.1.1). `contents` is Ss, Se, and Ah with Al.
    private func checkProgression(
        _ contents: Span<UInt8>, componentCount: Int, offset: Int
    ) throws(JPEGError) {
        let start = contents[0]
        let end = contents[1]
        let high = contents[2] >> 4
        let low = contents[2] & 15
        let isDirectCurrent = start == 0 && end == 0
        let isAlternating = start >= 1 && start <= end && end <= 63 && componentCount == 1
        guard isDirectCurrent || isAlternating, low <= 13, high == 0 || high == low + 1 else {
            throw .wrongSegmentContents(code: JPEG.Marker.startOfScan, offset: offset)
        }
    }
}
