// SPDX-License-Identifier: MIT

/// How one viewer's stream is written: the eight forms that "The bytes of /stream" leads to.
public struct StreamForm: Hashable, Sendable {
    /// The word between the parts.
    public let boundary: StreamBoundary
    /// The browser form: the next part's head goes out right behind each frame, so parts carry no Content-Length.
    public let advanceHeaders: Bool
    /// HTTP/1.1's chunked transfer coding, one chunk a part.
    public let isChunked: Bool

    /// Any combination is possible.
    public init(boundary: StreamBoundary, advanceHeaders: Bool, isChunked: Bool) {
        self.boundary = boundary
        self.advanceHeaders = advanceHeaders
        self.isChunked = isChunked
    }

    /// The response's Content-Type. mjpg-streamer writes no blank behind the semicolon, and raw parsers rely on it.
    public var contentType: String {
        switch boundary {
        case .frame: "multipart/x-mixed-replace; boundary=frame"
        case .boundaryDoNotCross: "multipart/x-mixed-replace;boundary=boundarydonotcross"
        }
    }

    /// What goes out at once behind the response head: the first delimiter, in the browser form with the first part's
    /// head.
    public var opening: [UInt8] {
        var bytes = Self.delimiter(boundary)
        if advanceHeaders { bytes += Self.advancedHead }
        return isChunked ? bytes.asChunk() : bytes
    }

    /// What ends a stream between two parts: the closing delimiter, and where the body is chunked the last chunk.
    public var closing: [UInt8] {
        // In the browser form the next part's head is out already, so that part is left empty.
        let bytes = advanceHeaders ? Self.closingDelimiterBehindPart(boundary) : Self.closingDelimiter(boundary)
        return isChunked ? bytes.asChunk() + endOfBody : bytes
    }

    /// What ends the body itself: the last chunk of a chunked body, otherwise nothing.
    public var endOfBody: [UInt8] { isChunked ? ChunkedWriter.end : [] }

    /// `Content-Type` of a part and the blank line.
    static let advancedHead = Array("Content-Type: image/jpeg\r\n\r\n".utf8)

    /// `--frame` CRLF.
    static func delimiter(_ boundary: StreamBoundary) -> [UInt8] { Array("--\(boundary.token)\r\n".utf8) }

    /// CRLF `--frame--` CRLF: RFC 2046 counts the CRLF before a delimiter as part of it.
    static func closingDelimiterBehindPart(_ boundary: StreamBoundary) -> [UInt8] {
        Array("\r\n".utf8) + closingDelimiter(boundary)
    }

    private static func closingDelimiter(_ boundary: StreamBoundary) -> [UInt8] {
        Array("--\(boundary.token)--\r\n".utf8)
    }
}
