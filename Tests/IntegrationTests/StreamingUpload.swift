// SPDX-License-Identifier: MIT
import TestSupport

/// Writes the bytes of a streaming upload.
struct StreamingUpload {
    /// The way in which the end of the body is marked.
    enum Framing: Sendable, CaseIterable {
        case chunked
        case length
        case untilEnd
    }

    let framing: Framing
    /// The boundary without the dashes of the delimiter.
    var boundary = "ffmpeg"
    /// The value of Content-Type; nil for none, as ffmpeg sends it.
    var type: String?
    /// True if parts state their length.
    var hasLengths = true
    /// The size of the whole body in bytes, if it is declared.
    var contentLength = 0

    /// Returns the request's head with its blank line.
    func head(to camera: String? = nil, _ more: [String] = []) -> [UInt8] {
        var fields = more + (type.map { ["Content-Type: \($0)"] } ?? [])
        switch framing {
        case .chunked: fields.append("Transfer-Encoding: chunked")
        case .length: fields.append("Content-Length: \(contentLength)")
        case .untilEnd: break
        }
        return Array(RequestText.head("POST", RequestText.path(camera), fields + ["Icy-MetaData: 1"]).utf8)
    }

    /// Returns one part, in its chunk if the body is chunked.
    func part(_ jpeg: [UInt8]) -> [UInt8] { framed(plainPart(jpeg)) }

    /// Returns one part without transfer coding: delimiter, head, frame, CRLF.
    func plainPart(_ jpeg: [UInt8]) -> [UInt8] {
        let length = hasLengths ? "Content-length: \(jpeg.count)\r\n" : ""
        return Array("--\(boundary)\r\nContent-type: image/jpeg\r\n\(length)\r\n".utf8) + jpeg + [0x0D, 0x0A]
    }

    /// Returns the closing delimiter, and the end of a chunked body.
    func end() -> [UInt8] { framed(Array("--\(boundary)--\r\n".utf8)) + endOfBody }

    /// The end of a chunked body; otherwise no bytes.
    var endOfBody: [UInt8] { framing == .chunked ? Array("0\r\n\r\n".utf8) : [] }

    /// Returns the bytes in the transfer coding.
    func framed(_ bytes: [UInt8]) -> [UInt8] {
        guard framing == .chunked else { return bytes }
        return Array("\(String(bytes.count, radix: 16, uppercase: true))\r\n".utf8) + bytes + [0x0D, 0x0A]
    }

    /// Returns a whole request that uploads `frames`, with or without the closing delimiter.
    static func request(
        _ frames: [[UInt8]], _ framing: Framing, type: String? = nil, boundary: String = "ffmpeg",
        hasLengths: Bool = true, isClosed: Bool = true
    ) -> [UInt8] {
        var upload = StreamingUpload(framing: framing, boundary: boundary, type: type, hasLengths: hasLengths)
        let plain = frames.flatMap { upload.plainPart($0) }
        upload.contentLength = plain.count + (isClosed ? boundary.utf8.count + 6 : 0)
        let end = isClosed ? upload.end() : upload.endOfBody
        return upload.head() + frames.flatMap { upload.part($0) } + end
    }
}
