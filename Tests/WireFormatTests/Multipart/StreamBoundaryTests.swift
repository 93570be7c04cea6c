// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import WireFormat

@Suite struct StreamBoundaryTests {
    @Test(arguments: StreamBoundary.allCases)
    func `a delimiter is found at every place`(boundary: StreamBoundary) {
        let delimiter = Array("--\(boundary.token)".utf8)
        for before in 0..<100 {
            for after in [0, 1, 31, 32, 33] {
                let bytes =
                    [UInt8](repeating: 0x2D, count: before % 3) + [UInt8](repeating: 1, count: before) + delimiter
                    + [UInt8](repeating: 0x2D, count: after)
                #expect(StreamBoundary.firstDelimiter(in: bytes.span) == boundary)
            }
        }
    }

    @Test func `three and more dashes before the word hide nothing`() {
        for count in 2..<70 {
            let bytes = [UInt8](repeating: 0x2D, count: count) + Array("frame".utf8)
            #expect(StreamBoundary.firstDelimiter(in: bytes.span) == .frame)
        }
    }

    @Test func `the first of two is named`() {
        #expect(
            StreamBoundary.firstDelimiter(in: Array("a--boundarydonotcross--frame".utf8).span) == .boundaryDoNotCross)
        #expect(StreamBoundary.firstDelimiter(in: Array("a--frame--boundarydonotcross".utf8).span) == .frame)
    }

    @Test(arguments: [
        "", "-", "--", "--f", "--fram", "-frame", "- -frame", "--Frame", "--boundarydonotcros", "frame--",
    ])
    func `what is less than a delimiter is none`(text: String) {
        #expect(StreamBoundary.firstDelimiter(in: Array(text.utf8).span) == nil)
        let padded = [UInt8](repeating: 9, count: 64) + Array(text.utf8) + [UInt8](repeating: 9, count: 64)
        #expect(StreamBoundary.firstDelimiter(in: padded.span) == nil)
    }

    @Test func `ordinary frames hold none`() {
        for seed in 1...20 {
            let frame = JPEGSamples.frame(byteCount: 20_000, seed: UInt64(seed))
            #expect(StreamBoundary.firstDelimiter(in: frame.span) == nil)
        }
    }
}
