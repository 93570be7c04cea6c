// SPDX-License-Identifier: MIT

/// The first line of a request head (RFC 9112 §3), with single blanks between its three parts.
struct RequestLine {
    let method: RequestHead.Method
    let methodEnd: Int
    let target: Range<Int>
    let minorVersion: Int
    /// The start of the next line.
    let next: Int

    init(_ head: Span<UInt8>) throws(RequestHeadError) {
        var place = 0
        while place < head.count, ASCII.token.contains(head[place]) { place += 1 }
        guard place > 0, place < head.count, head[place] == ASCII.space else { throw .badRequestLine }
        methodEnd = place
        method = RequestHead.Method(head.extracting(first: place))
        let targetStart = place + 1
        place = targetStart
        while place < head.count, head[place] > ASCII.space { place += 1 }
        guard place > targetStart, place < head.count, head[place] == ASCII.space else {
            throw place < head.count && head[place] == ASCII.lineFeed ? .badLineEnd : .badRequestLine
        }
        target = targetStart..<place
        let versionStart = place + 1
        place = versionStart
        while place < head.count, head[place] > ASCII.space { place += 1 }
        guard place + 1 < head.count, head[place] == ASCII.carriageReturn else {
            throw place < head.count && head[place] == ASCII.lineFeed ? .badLineEnd : .badRequestLine
        }
        guard head[place + 1] == ASCII.lineFeed else { throw .badLineEnd }
        minorVersion = try Self.minorVersion(head.extracting(versionStart..<place))
        next = place + 2
    }

    private static func minorVersion(_ version: Span<UInt8>) throws(RequestHeadError) -> Int {
        guard version.count == 8, ByteSearch.has("HTTP/".utf8.span, at: 0, in: version), ASCII.isDigit(version[5]),
            version[6] == 0x2E, ASCII.isDigit(version[7])
        else { throw .badRequestLine }
        guard version[5] == 0x31, version[7] <= 0x31 else { throw .unsupportedVersion(ASCII.excerpt(version)) }
        return Int(version[7] - 0x30)
    }
}
