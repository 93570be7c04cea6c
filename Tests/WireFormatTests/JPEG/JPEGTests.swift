// SPDX-License-Identifier: MIT
import TestSupport
import Testing

@testable import WireFormat

@Suite struct JPEGTests {
    private let good: [(name: String, bytes: [UInt8], info: JPEG.Info)] = [
        ("grey", JPEGSamples.grey, JPEG.Info(width: 64, height: 48, components: 1, isProgressive: false)),
        ("colour", JPEGSamples.colour, JPEG.Info(width: 64, height: 48, components: 3, isProgressive: false)),
        (
            "progressive", JPEGSamples.progressive,
            JPEG.Info(width: 64, height: 48, components: 3, isProgressive: true)
        ),
        ("restarts", JPEGSamples.restarts, JPEG.Info(width: 64, height: 48, components: 3, isProgressive: false)),
    ]

    private func error(_ bytes: [UInt8]) -> JPEGError? {
        do { _ = try JPEG.inspect(bytes.span) } catch { return error }
        return nil
    }

    @Test func `whole frames are accepted with their size and kind`() throws {
        for sample in good {
            #expect(try JPEG.inspect(sample.bytes.span).info == sample.info, "\(sample.name)")
        }
        let large = JPEGSamples.frame(byteCount: 40_000)
        #expect(
            try JPEG.inspect(large.span).info
                == JPEG.Info(width: 640, height: 480, components: 3, isProgressive: false))
    }

    @Test func `odd and broken frames are accepted or refused as the table says`() {
        #expect(JPEGSamples.odd.count >= 60)
        #expect(Set(JPEGSamples.odd.map(\.name)).count == JPEGSamples.odd.count)
        for sample in JPEGSamples.odd {
            let error = error(sample.bytes)
            #expect((error == nil) == sample.isAccepted, "\(sample.name): \(error?.message ?? "accepted")")
        }
    }

    @Test func `a frame cut at any byte is refused`() {
        for sample in good {
            for count in 0..<sample.bytes.count {
                #expect(error(Array(sample.bytes[..<count])) != nil, "\(sample.name) cut to \(count) bytes")
            }
        }
    }

    @Test func `a cut frame is said to be cut`() {
        let frame = JPEGSamples.frame(byteCount: 10_000)
        #expect(error([]) == .empty)
        #expect(error(Array(frame[..<1])) == .noStartOfImage)
        for count in [2, 3, 5, 100, 5_000, 9_998, 9_999] {
            #expect(error(Array(frame[..<count])) == .truncated(byteCount: count))
        }
    }

    /// Cameras send 3 NULs (Raspberry Pi), thousands (OV2640), or a second picture (a phone).
    @Test func `what stands behind the end is no part of the picture, whatever it is`() throws {
        var random = SeededGenerator(seed: 8)
        for sample in good {
            for extra in [0, 1, 2, 3, 1_000, 70_000] {
                let zeros = [UInt8](repeating: 0, count: extra)
                let noise = (0..<extra).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                for trailing in [zeros, noise, sample.bytes + noise] {
                    #expect(try JPEG.inspect((sample.bytes + trailing).span).byteCount == sample.bytes.count)
                }
            }
        }
    }

    @Test func `up to 64 KiB between segments are skipped, in all`() throws {
        var random = SeededGenerator(seed: 9)
        for _ in 0..<50 {
            let first = Int(random.next() % 65_537)
            let stray = (0..<65_536).map { _ in UInt8(truncatingIfNeeded: random.next() % 255) }
            func frame(_ bytes: [UInt8]) -> [UInt8] {
                let comment = JPEGBuilder.segment(0xFE, [1])
                return Array(
                    [JPEGSamples.grey[..<2], bytes[..<first], comment[...], bytes[first...], JPEGSamples.grey[2...]]
                        .joined())
            }
            let whole = frame(stray)
            #expect(try JPEG.inspect(whole.span).byteCount == whole.count)
            let offset = 2 + first + 5
            #expect(error(frame(stray + [0])) == .bytesBetweenSegments(offset: offset))
        }
    }

    @Test func `what is wrong is named`() {
        let samples = Dictionary(uniqueKeysWithValues: JPEGSamples.odd.map { ($0.name, $0.bytes) })
        let expected: [(String, JPEGError)] = [
            ("no scan", .noScan),
            ("a width of 65,501", .unsupportedSize(width: 65_501, height: 8)),
            ("a height of 0", .unsupportedSize(width: 8, height: 0)),
            ("four components (CMYK)", .unsupportedComponents(count: 4)),
            ("12 bits a sample", .unsupportedPrecision(bits: 12)),
            ("lossless", .unsupportedCoding(code: 0xC3)),
            ("arithmetic", .unsupportedCoding(code: 0xC9)),
            ("a segment of length 1", .wrongSegmentLength(code: 0xE1, offset: 2)),
            ("text", .noStartOfImage),
        ]
        for (name, wanted) in expected {
            #expect(samples[name].map(error) == .some(wanted), "\(name)")
        }
    }

    @Test func `a stuffed or restarted byte at any place of a search's turn is found`() throws {
        for length in 0..<80 {
            let filler = [UInt8](repeating: 0x11, count: length)
            for inner: [UInt8] in [[0xFF, 0x00], [0xFF, 0xD3], [0xFF, 0x00, 0xFF, 0x00]] {
                let frame = coded(filler + inner + filler + [1])
                #expect(error(frame) == nil)
                #expect(error(Array(frame.dropLast(2))) == .truncated(byteCount: frame.count - 2))
            }
        }
    }

    private func coded(_ data: [UInt8]) -> [UInt8] {
        [0xFF, 0xD8] + JPEGBuilder.frameHeader(0xC0, width: 8, height: 8, components: [1])
            + JPEGBuilder.scanHeader([1], from: 0, to: 63) + data + [0xFF, 0xD9]
    }

    @Test func `random bytes are refused and never trap`() {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<20_000 {
            let count = Int(random.next() % 200)
            // Mostly bytes near markers, so that the inspection gets past the first ones.
            let bytes = (0..<count).map { _ -> UInt8 in
                let value = random.next()
                return value & 0x300 == 0 ? 0xFF : UInt8(truncatingIfNeeded: value)
            }
            #expect(error([0xFF, 0xD8] + bytes) != nil)
        }
    }

    @Test func `damaged frames never trap, and what is accepted is within its limits`() throws {
        var random = SeededGenerator(seed: 6)
        for round in 0..<20_000 {
            var bytes = good[round % good.count].bytes
            for _ in 0...(random.next() % 3) {
                bytes[Int(random.next() % UInt64(min(bytes.count, 400)))] = UInt8(truncatingIfNeeded: random.next())
            }
            guard let info = try? JPEG.inspect(bytes.span).info else { continue }
            #expect(1...65_500 ~= info.width && 1...65_500 ~= info.height)
            #expect(info.components == 1 || info.components == 3)
        }
    }

    @Test func `every error's message names its value`() {
        #expect(JPEGError.bytesBetweenSegments(offset: 17).message.hasSuffix("byte 17."))
        #expect(JPEGError.unsupportedSize(width: 0, height: 9).message.contains("0 x 9"))
        #expect(JPEGError.unsupportedCoding(code: 0xC3).message.contains("FF C3"))
        #expect(JPEGError.unexpectedMarker(code: 1, offset: 5).message.contains("FF 01"))
        #expect(JPEGError.truncated(byteCount: 12).message.contains("12 bytes"))
    }
}
