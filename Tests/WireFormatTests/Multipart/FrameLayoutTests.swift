// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@Suite struct FrameLayoutTests {
    private static let forms: [StreamForm] = StreamBoundary.allCases.flatMap { boundary in
        [false, true].flatMap { advance in
            [false, true].map { StreamForm(boundary: boundary, advanceHeaders: advance, isChunked: $0) }
        }
    }
    private let jpeg = Array("the bytes of a frame".utf8)
    private let layout = FrameLayout(jpegByteCount: 20, timestampMicroseconds: 1_795_370_000_000_123)

    private func bytes(_ ranges: PartRanges) -> [UInt8] {
        let block = layout.prefix + jpeg + layout.suffix
        return (0..<ranges.count).flatMap { block[ranges[$0]] }
    }

    /// Returns the bytes of `form`, composed without ranges.
    private func expected(_ form: StreamForm, isLast: Bool) -> String {
        let frame = String(decoding: jpeg, as: UTF8.self)
        let head = "Content-Type: image/jpeg\r\nContent-Length: 20\r\nX-Timestamp: 1795370000.000123\r\n\r\n"
        var part = (form.advanceHeaders ? "" : head) + frame + "\r\n--" + form.boundary.token
        part += isLast ? "--\r\n" : form.advanceHeaders ? "\r\nContent-Type: image/jpeg\r\n\r\n" : "\r\n"
        guard form.isChunked else { return part }
        return String(part.utf8.count, radix: 16) + "\r\n" + part + "\r\n" + (isLast ? "0\r\n\r\n" : "")
    }

    @Test(arguments: forms)
    func `a part has the bytes of its form`(form: StreamForm) {
        let part = layout.part(for: form)
        #expect(String(decoding: bytes(part), as: UTF8.self) == expected(form, isLast: false))
        #expect(part.byteCount == bytes(part).count)
    }

    @Test(arguments: forms)
    func `a last part ends in the closing delimiter and ends a chunked body`(form: StreamForm) {
        let part = layout.lastPart(for: form)
        #expect(String(decoding: bytes(part), as: UTF8.self) == expected(form, isLast: true))
        #expect(part.byteCount == bytes(part).count)
    }

    /// A frame without its trailing bytes states a smaller size, in the room made for a larger one.
    @Test(arguments: forms, [0, 1, 2, 9])
    func `a prefix with room to spare sends the same bytes`(form: StreamForm, spare: Int) {
        let roomy = FrameLayout(
            jpegByteCount: 20, timestampMicroseconds: 1_795_370_000_000_123,
            prefixByteCount: layout.prefix.count + spare)
        #expect(roomy.prefix.count == layout.prefix.count + spare)
        #expect(roomy.suffix == layout.suffix)
        let block = roomy.prefix + jpeg + roomy.suffix
        for (part, isLast) in [(roomy.part(for: form), false), (roomy.lastPart(for: form), true)] {
            let sent = (0..<part.count).flatMap { block[part[$0]] }
            #expect(String(decoding: sent, as: UTF8.self) == expected(form, isLast: isLast))
        }
    }

    @Test func `the two common forms are one range`() {
        for isChunked in [false, true] {
            let form = StreamForm(boundary: .frame, advanceHeaders: false, isChunked: isChunked)
            #expect(layout.part(for: form).count == 1)
        }
        for form in Self.forms {
            #expect(1...3 ~= layout.part(for: form).count)
            #expect(1...3 ~= layout.lastPart(for: form).count)
        }
    }

    @Test func `the block is prefix, frame and suffix`() {
        #expect(layout.jpeg == layout.prefix.count..<(layout.prefix.count + 20))
        #expect(layout.byteCount == layout.prefix.count + 20 + layout.suffix.count)
    }

    @Test(arguments: [
        (Int64(0), "0.000000"), (1, "0.000001"), (999_999, "0.999999"), (1_000_000, "1.000000"), (-5, "0.000000"),
        (1_795_370_000_123_456, "1795370000.123456"),
    ])
    func `the time is written in seconds with six decimals`(microseconds: Int64, text: String) {
        let head = String(
            decoding: FrameLayout(jpegByteCount: 7, timestampMicroseconds: microseconds).prefix, as: UTF8.self)
        #expect(head.hasSuffix("Content-Length: 7\r\nX-Timestamp: \(text)\r\n\r\n"))
    }

    @Test(arguments: [1, 15, 16, 255, 256, 65_535, 65_536, 5_242_880, 67_108_864])
    func `chunk sizes are right for frames of any size`(byteCount: Int) throws {
        let layout = FrameLayout(jpegByteCount: byteCount, timestampMicroseconds: 1)
        for form in Self.forms where form.isChunked {
            for part in [layout.part(for: form), layout.lastPart(for: form)] {
                let line = part[0].prefix(12).map { place -> UInt8 in
                    place < layout.prefix.count ? layout.prefix[place] : layout.suffix[place - layout.jpeg.upperBound]
                }
                let digits = String(decoding: line.prefix { $0 != 13 }, as: UTF8.self)
                let size = try #require(Int(digits, radix: 16))
                let end = part == layout.lastPart(for: form) ? 7 : 2
                #expect(part.byteCount == digits.utf8.count + 2 + size + end)
            }
        }
    }
}

@Suite struct StreamFormTests {
    private func form(_ boundary: StreamBoundary, advance: Bool = false, chunked: Bool = false) -> StreamForm {
        StreamForm(boundary: boundary, advanceHeaders: advance, isChunked: chunked)
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func `each boundary has its content type`() {
        #expect(form(.frame).contentType == "multipart/x-mixed-replace; boundary=frame")
        #expect(form(.boundaryDoNotCross).contentType == "multipart/x-mixed-replace;boundary=boundarydonotcross")
    }

    @Test func `a stream opens with its delimiter, in the browser form with the first head`() {
        #expect(text(form(.frame).opening) == "--frame\r\n")
        #expect(text(form(.boundaryDoNotCross).opening) == "--boundarydonotcross\r\n")
        #expect(text(form(.frame, chunked: true).opening) == "9\r\n--frame\r\n\r\n")
        #expect(text(form(.frame, advance: true).opening) == "--frame\r\nContent-Type: image/jpeg\r\n\r\n")
        #expect(
            text(form(.frame, advance: true, chunked: true).opening)
                == "25\r\n--frame\r\nContent-Type: image/jpeg\r\n\r\n\r\n")
    }

    @Test func `a stream closes with the closing delimiter and the end of its body`() {
        #expect(text(form(.frame).closing) == "--frame--\r\n")
        #expect(text(form(.frame, advance: true).closing) == "\r\n--frame--\r\n")
        #expect(text(form(.boundaryDoNotCross).closing) == "--boundarydonotcross--\r\n")
        #expect(text(form(.frame, chunked: true).closing) == "b\r\n--frame--\r\n\r\n0\r\n\r\n")
        #expect(text(form(.frame, advance: true, chunked: true).closing) == "d\r\n\r\n--frame--\r\n\r\n0\r\n\r\n")
        #expect(form(.frame).endOfBody.isEmpty)
        #expect(text(form(.frame, chunked: true).endOfBody) == "0\r\n\r\n")
    }
}
