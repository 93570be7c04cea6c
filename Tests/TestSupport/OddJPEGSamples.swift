// SPDX-License-Identifier: MIT

extension JPEGSamples {
    private typealias Builder = JPEGBuilder

    static let oddAccepted: [(String, [UInt8])] = [
        ("the smallest grey picture", with([])),
        ("no application segment", make { $0.application = [] }),
        ("no Huffman tables, as MJPEG cameras send it", withoutHuffmanTables),
        ("an EXIF segment", with(Builder.segment(0xE1, Array("Exif".utf8) + [0, 0] + Array(repeating: 7, count: 90)))),
        ("an EXIF segment with a whole thumbnail", with(Builder.segment(0xE1, Array("Exif".utf8) + [0, 0] + grey))),
        ("an Adobe segment", with(Builder.segment(0xEE, Array("Adobe".utf8) + [0, 100, 0, 0, 0, 0, 1]))),
        (
            "an Adobe segment that says RGB",
            headed(
                Builder.segment(0xEE, Array("Adobe".utf8) + [0, 100, 0, 0, 0, 0, 0]) + colourHeader,
                Builder.scanHeader([1, 2, 3], from: 0, to: 63) + data)
        ),
        (
            "components named R, G and B",
            headed(
                Builder.frameHeader(0xC0, width: 8, height: 8, components: Array("RGB".utf8)),
                Builder.scanHeader(Array("RGB".utf8), from: 0, to: 63) + data)
        ),
        ("a comment", with(Builder.segment(0xFE, Array("made by hand".utf8)))),
        ("an empty comment", with(Builder.segment(0xFE, []))),
        ("a comment that looks like markers", with(Builder.segment(0xFE, [0xFF, 0xD9, 0xFF, 0xD8, 0xFF, 0xDA]))),
        ("the longest segment", with(Builder.segment(0xE2, Array(repeating: 1, count: 65_533)))),
        ("every application segment", with((0xE0...0xEF).flatMap { Builder.segment(UInt8($0), [1, 2, 3]) })),
        ("fill bytes before a marker", with([0xFF, 0xFF, 0xFF])),
        ("a byte between two segments", with([0])),
        ("a comment that says one byte too few", with([0xFF, 0xFE, 0, 4, 0x41, 0x42, 0x43])),
        ("a stuffed byte between two segments", with([0xFF, 0])),
        (
            "text between two segments",
            with(Array("scanned by hand".utf8) + Builder.segment(0xFE, []) + [0, 0xFF, 0xFF, 0])
        ),
        ("fill bytes before a stuffed byte in the data", coded(data + [0xFF, 0xFF, 0x00])),
        ("fill bytes before the end of image", coded(data + [0xFF, 0xFF])),
        ("stuffed bytes in the data", coded([0xFF, 0x00, 0x01, 0xFF, 0x00, 0xFF, 0x00])),
        ("restart markers", restarts),
        ("a restart marker without an interval", coded(data + [0xFF, 0xD0] + data)),
        ("an interval that is never used", with(Builder.segment(0xDD, [0, 0]))),
        (
            "extended sequential, 8 bits",
            headed(
                Builder.frameHeader(0xC1, width: 8, height: 8, components: [1]))
        ),
        ("progressive grey", greyProgressive),
        ("progressive colour", progressive),
        (
            "colour in three scans",
            headed(
                colourHeader,
                [1, 2, 3].flatMap {
                    Builder.scanHeader([$0], from: 0, to: 63) + data
                })
        ),
        (
            "tables between two scans",
            headed(
                colourHeader,
                scan + tables
                    + Builder.scanHeader([2, 3], from: 0, to: 63) + data)
        ),
        ("zeros where baseline scans have 0, 63, 0", scanned([1, 1, 0, 0, 0, 0])),
        (
            "subsampling 2 x 2",
            headed(
                Builder.segment(0xC0, [8, 0, 8, 0, 8, 3, 1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0]),
                Builder.scanHeader([1, 2, 3], from: 0, to: 63) + data)
        ),
        ("16-bit quantization values", with(Builder.segment(0xDB, [0x11] + Array(repeating: 1, count: 128)))),
        (
            "four quantization tables in one segment",
            with(
                Builder.segment(
                    0xDB,
                    (0..<4).flatMap {
                        [UInt8($0)] + Array(repeating: 1, count: 64)
                    }))
        ),
        (
            "a side of 65,500 pixels",
            headed(
                Builder.frameHeader(0xC0, width: 65_500, height: 1, components: [1]))
        ),
    ]

    /// Bytes after a whole picture, as cameras send them.
    static let oddTrailing: [(String, [UInt8])] = [
        ("a byte", [0]),
        ("three NULs, as stills of a Raspberry Pi have them", [0, 0, 0]),
        ("a line end", [13, 10]),
        ("thousands of NULs, as an OV2640 sends its buffer", Array(repeating: 0, count: 9_000)),
        ("a second end of image", end),
        ("a second picture, as phones add it", with([])),
        ("half of a second picture", Array(with([]).dropLast(9))),
        ("a page", Array("<script>alert(1)</script>".utf8)),
        ("a stream's delimiter", Array("\r\n--frame\r\n".utf8)),
    ]

    static let oddRefused: [(String, [UInt8])] = [
        ("nothing", []),
        ("one byte", [0xFF]),
        ("start of image alone", start),
        ("start and end of image", start + end),
        ("text", Array("NOTAJPEG".utf8)),
        ("a PNG", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13]),
        ("zeros", Array(repeating: 0, count: 100)),
        ("0xFF only", Array(repeating: 0xFF, count: 100)),
        ("a byte before the start", [0] + with([])),
        ("no end of image", start + tables + header + scan),
        ("half of the end of image", start + tables + header + scan + [0xFF]),
        ("no scan", start + tables + header + end),
        ("a scan without data", coded([])),
        ("a scan whose only data is a fill byte", coded([0xFF])),
        ("a scan before the frame header", start + tables + scan + header + end),
        ("two frame headers", start + tables + header + header + scan + end),
        ("a second start of image", with(start)),
        ("half of the end of image behind two strays", Array(with([0, 0]).dropLast())),
        ("a restart marker between two segments", with([0xFF, 0xD0])),
        ("a TEM marker", with([0xFF, 0x01])),
        ("a reserved marker", with(Builder.segment(0x02, [1]))),
        ("a reserved extension segment", with(Builder.segment(0xF0, [1]))),
        ("a segment of length 0", with([0xFF, 0xE1, 0, 0])),
        ("a segment of length 1", with([0xFF, 0xE1, 0, 1])),
        ("a segment longer than the frame", with([0xFF, 0xE1, 0xFF, 0xFF])),
        (
            "number of lines in a DNL segment",
            headed(
                Builder.frameHeader(0xC0, width: 8, height: 8, components: [1]), scan + Builder.segment(0xDC, [0, 8]))
        ),
        ("a height of 0", headed(Builder.frameHeader(0xC0, width: 8, height: 0, components: [1]))),
        ("a width of 0", headed(Builder.frameHeader(0xC0, width: 0, height: 8, components: [1]))),
        ("a width of 65,501", headed(Builder.frameHeader(0xC0, width: 65_501, height: 8, components: [1]))),
        ("a height of 65,535", headed(Builder.frameHeader(0xC0, width: 8, height: 65_535, components: [1]))),
        ("no components", headed(Builder.frameHeader(0xC0, width: 8, height: 8, components: []))),
        ("two components", headed(Builder.frameHeader(0xC0, width: 8, height: 8, components: [1, 2]))),
        ("four components (CMYK)", headed(Builder.frameHeader(0xC0, width: 8, height: 8, components: [1, 2, 3, 4]))),
        ("two components of one name", headed(Builder.frameHeader(0xC0, width: 8, height: 8, components: [1, 1, 3]))),
        ("12 bits a sample", headed(Builder.frameHeader(0xC1, precision: 12, width: 8, height: 8, components: [1]))),
        ("16 bits a sample", headed(Builder.frameHeader(0xC0, precision: 16, width: 8, height: 8, components: [1]))),
        ("lossless", headed(Builder.frameHeader(0xC3, width: 8, height: 8, components: [1]))),
        ("hierarchical", headed(Builder.frameHeader(0xC5, width: 8, height: 8, components: [1]))),
        ("hierarchical progression", with(Builder.segment(0xDE, [8, 0, 8, 0, 8, 1, 1, 0x11, 0]))),
        ("expanded reference", with(Builder.segment(0xDF, [0x11]))),
        ("arithmetic", headed(Builder.frameHeader(0xC9, width: 8, height: 8, components: [1]))),
        ("arithmetic progressive", headed(Builder.frameHeader(0xCA, width: 8, height: 8, components: [1]))),
        ("arithmetic conditioning", with(Builder.segment(0xCC, [0, 1]))),
        ("JPEG-LS", headed(Builder.frameHeader(0xF7, width: 8, height: 8, components: [1]))),
        (
            "sampling factor 0",
            headed(
                Builder.frameHeader(0xC0, width: 8, height: 8, components: [1], sampling: 0x01))
        ),
        (
            "sampling factor 5",
            headed(
                Builder.frameHeader(0xC0, width: 8, height: 8, components: [1], sampling: 0x15))
        ),
        ("a quantization table 4", headed(Builder.segment(0xC0, [8, 0, 8, 0, 8, 1, 1, 0x11, 4]))),
        ("a frame header one byte short", headed(Builder.segment(0xC0, [8, 0, 8, 0, 8, 1, 1, 0x11]))),
        ("a frame header one byte long", headed(Builder.segment(0xC0, [8, 0, 8, 0, 8, 1, 1, 0x11, 0, 0]))),
        ("an empty frame header", headed(Builder.segment(0xC0, []))),
        ("an empty scan header", scanned([])),
        ("a scan of no component", scanned([0, 0, 63, 0])),
        ("a scan of a component that is not there", scanned([1, 9, 0, 0, 63, 0])),
        ("a scan of one component twice", scanned([2, 1, 0, 1, 0, 0, 63, 0])),
        ("a scan in the wrong order", scanned([2, 2, 0, 1, 0, 0, 63, 0])),
        ("a scan of more components than there are", scanned([2, 1, 0, 2, 0, 0, 63, 0], header)),
        ("a scan header one byte short", scanned([1, 1, 0, 0, 63])),
        ("a scan with Huffman table 4", scanned([1, 1, 0x44, 0, 63, 0])),
        (
            "a scan unit of eleven blocks",
            headed(
                Builder.segment(0xC0, [8, 0, 8, 0, 8, 3, 1, 0x33, 0, 2, 0x11, 0, 3, 0x11, 0]),
                Builder.scanHeader([1, 2, 3], from: 0, to: 63) + data)
        ),
        (
            "a progressive scan of DC and AC",
            scanned(
                [1, 1, 0, 0, 63, 0], Builder.frameHeader(0xC2, width: 8, height: 8, components: [1]))
        ),
        (
            "a progressive scan that ends before it begins",
            scanned(
                [1, 1, 0, 9, 3, 0], Builder.frameHeader(0xC2, width: 8, height: 8, components: [1]))
        ),
        (
            "a progressive scan up to coefficient 64",
            scanned(
                [1, 1, 0, 1, 64, 0], Builder.frameHeader(0xC2, width: 8, height: 8, components: [1]))
        ),
        (
            "a progressive AC scan of two components",
            scanned(
                [2, 1, 0, 2, 0, 1, 63, 0], Builder.frameHeader(0xC2, width: 8, height: 8, components: [1, 2, 3]))
        ),
        (
            "a progressive refinement of two bits at once",
            scanned(
                [1, 1, 0, 0, 0, 0x20], Builder.frameHeader(0xC2, width: 8, height: 8, components: [1]))
        ),
        ("an empty quantization segment", with(Builder.segment(0xDB, []))),
        ("a quantization table one value short", with(Builder.segment(0xDB, Array(repeating: 0, count: 64)))),
        ("a quantization table of precision 2", with(Builder.segment(0xDB, [0x20] + Array(repeating: 1, count: 64)))),
        ("a quantization destination 4", with(Builder.segment(0xDB, [0x04] + Array(repeating: 1, count: 64)))),
        ("an empty Huffman segment", with(Builder.segment(0xC4, []))),
        ("a Huffman table cut in its counts", with(Builder.segment(0xC4, Array(repeating: 0, count: 16)))),
        (
            "a Huffman table without its last value",
            with(
                Builder.segment(
                    0xC4,
                    [0, 0, 3] + Array(repeating: 0, count: 14)
                        + [1, 2]))
        ),
        ("a Huffman table of class 2", with(Builder.segment(0xC4, [0x20] + Array(repeating: 0, count: 16)))),
        (
            "a Huffman table of 257 values",
            with(
                Builder.segment(
                    0xC4,
                    [0] + Array(repeating: 0, count: 14) + [2, 255]
                        + Array(repeating: 1, count: 257)))
        ),
        ("a restart interval of one byte", with(Builder.segment(0xDD, [1]))),
        ("a restart interval of three bytes", with(Builder.segment(0xDD, [0, 0, 1]))),
    ]
}
