// SPDX-License-Identifier: MIT

/// The bytes after a frame that are the same for all frames. For each form of stream they hold what follows the JPEG,
/// and directly after it the end of the chunk. Created once.
struct FrameTail: Sendable {
    /// The ranges of one form's tail in `bytes`.
    struct Piece: Sendable {
        /// The bytes of the part: the delimiter, and in the browser form the next head.
        let content: Range<Int>
        /// The same with the end of the chunk, and after a last part with the end of the body.
        let framed: Range<Int>
    }

    static let shared = FrameTail()

    /// The tails of all forms. The plain form with boundary `frame` comes first, so that part and tail are one range.
    private(set) var bytes: [UInt8] = []
    private var pieces: [Piece] = []

    private init() {
        for form in Self.forms {
            let delimiter = Array("\r\n".utf8) + StreamForm.delimiter(form.boundary)
            add(form.advanceHeaders ? delimiter + StreamForm.advancedHead : delimiter, end: [])
        }
        for form in Self.forms {
            add(StreamForm.closingDelimiterBehindPart(form.boundary), end: ChunkedWriter.end)
        }
    }

    /// The chunked forms in the order of `index(_:isLast:)`.
    static let forms: [StreamForm] = StreamBoundary.allCases.flatMap { boundary in
        [false, true].map { StreamForm(boundary: boundary, advanceHeaders: $0, isChunked: true) }
    }

    /// Returns a number from 0 to 7 for a form and the kind of its end. It is the same with and without chunks.
    static func index(_ form: StreamForm, isLast: Bool) -> Int {
        (isLast ? 4 : 0) + (form.boundary == .frame ? 0 : 2) + (form.advanceHeaders ? 1 : 0)
    }

    func piece(_ form: StreamForm, isLast: Bool) -> Piece { pieces[Self.index(form, isLast: isLast)] }

    private mutating func add(_ content: [UInt8], end: [UInt8]) {
        let start = bytes.count
        bytes += content
        let contentEnd = bytes.count
        bytes.append("\r\n")
        bytes += end
        pieces.append(Piece(content: start..<contentEnd, framed: start..<bytes.count))
    }
}
