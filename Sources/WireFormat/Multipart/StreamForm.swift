// SPDX-License-Identifier: MIT

/// The form in which one viewer's stream is written: one of eight (docs/protocol.md, "The stream").
public struct StreamForm: Hashable, Sendable {
    /// The boundary between the parts.
    public let boundary: StreamBoundary
    /// True for the browser form: the next part's head is sent directly after each frame, so parts carry no
    /// Content-Length.
    public let advanceHeaders: Bool
    /// True for HTTP/1.1's chunked transfer coding, with one chunk per part.
    public let isChunked: Bool

    /// Creates a form. Any combination is possible.
    public init(boundary: StreamBoundary, advanceHeaders: Bool, isChunked: Bool) {
        self.boundary = boundary
        self.advanceHeaders = advanceHeaders
        self.isChunked = isChunked
    }

    /// The response's Content-Type. mjpg-streamer writes no blank after the semicolon, and raw parsers rely on it.
    public var contentType: String {
        switch boundary {
        case .frame: "multipart/x-mixed-replace; boundary=frame"
        case .boundaryDoNotCross: "multipart/x-mixed-replace;boundary=boundarydonotcross"
        }
    }

    /// The bytes sent directly after the response head: the first delimiter, in the browser form with the first head.
    public var opening: [UInt8] {
        var bytes = Self.delimiter(boundary)
        if advanceHeaders { bytes += Self.advancedHead }
        return isChunked ? bytes.asChunk() : bytes
    }

    /// The bytes that end a stream between two parts: the closing delimiter, and in a chunked body the last chunk.
    public var closing: [UInt8] {
        // In the browser form the next part's head has been sent already, so that part stays empty.
        let bytes = advanceHeaders ? Self.closingDelimiterBehindPart(boundary) : Self.closingDelimiter(boundary)
        return isChunked ? bytes.asChunk() + endOfBody : bytes
    }

    /// The bytes that end the body: the last chunk of a chunked body, otherwise none.
    public var endOfBody: [UInt8] { isChunked ? ChunkedWriter.end : [] }

    /// A part's `Content-Type`, and the blank line.
    static let advancedHead = Array("Content-Type: image/jpeg\r\n\r\n".utf8)

    /// Returns the delimiter, such as `--frame` CRLF.
    static func delimiter(_ boundary: StreamBoundary) -> [UInt8] { Array("--\(boundary.token)\r\n".utf8) }

    /// Returns the closing delimiter after a part, such as CRLF `--frame--` CRLF: RFC 2046 counts the CRLF before a
    /// delimiter as part of it.
    static func closingDelimiterBehindPart(_ boundary: StreamBoundary) -> [UInt8] {
        Array("\r\n".utf8) + closingDelimiter(boundary)
    }

    private static func closingDelimiter(_ boundary: StreamBoundary) -> [UInt8] {
        Array("--\(boundary.token)--\r\n".utf8)
    }
}
