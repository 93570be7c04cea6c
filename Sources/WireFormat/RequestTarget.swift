// SPDX-License-Identifier: MIT

/// A request target taken apart (RFC 9112 §3.2): where path and query lie in the head.
struct RequestTarget {
    /// Percent-decoded; `*` for the asterisk form.
    let path: String
    /// Where the query lies, without its question mark.
    let query: Range<Int>
    /// Where path and query lie, without a scheme and host before them.
    let pathAndQuery: Range<Int>

    /// Takes the origin form and the absolute form (whose authority is only checked); `*` for OPTIONS alone.
    init(_ bytes: Span<UInt8>, _ range: Range<Int>, method: RequestHead.Method) throws(RequestHeadError) {
        for index in range {
            guard bytes[index] > 0x20, bytes[index] < 0x7F else {
                throw .badTarget("holds a byte that is not printable ASCII; percent-encode it")
            }
            guard bytes[index] != 0x23 else { throw .badTarget("holds a fragment (#), which belongs to the browser") }
        }
        var start = range.lowerBound
        if range.count == 1, bytes[start] == 0x2A {
            guard method == .options else { throw .badTarget("* is accepted with OPTIONS only") }
            path = "*"
            pathAndQuery = range
            query = range.upperBound..<range.upperBound
            return
        }
        let isAbsolute = start < range.upperBound && bytes[start] != ASCII.slash
        if isAbsolute { start = try Self.endOfAuthority(bytes, range) }
        pathAndQuery = start..<range.upperBound
        var end = start
        while end < range.upperBound, bytes[end] != 0x3F { end += 1 }
        query = min(end + 1, range.upperBound)..<range.upperBound
        path = start == end && isAbsolute ? "/" : try Self.decodedPath(bytes, start..<end)
        try Self.checkQuery(bytes, query)
    }

    /// The place behind `http://host`, where path or query begin.
    private static func endOfAuthority(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(RequestHeadError) -> Int {
        let target = bytes.extracting(range)
        for scheme in ["http://", "https://"] where target.count > scheme.utf8.count {
            guard ASCII.equal(target.extracting(first: scheme.utf8.count), caseless: scheme) else { continue }
            let start = range.lowerBound + scheme.utf8.count
            var end = start
            while end < range.upperBound, ASCII.host.contains(bytes[end]) { end += 1 }
            guard ASCII.isHost(bytes.extracting(start..<end)),
                end == range.upperBound || bytes[end] == ASCII.slash || bytes[end] == 0x3F
            else {
                throw .badTarget("has a malformed host")
            }
            return end
        }
        throw .badTarget("must begin with / or with http://")
    }

    private static func decodedPath(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(RequestHeadError) -> String {
        guard let decoded = PercentCoding.decode(bytes, range, plusIsBlank: false) else {
            throw .badTarget("has a % that no two hexadecimal digits follow")
        }
        for byte in decoded where byte < 0x20 || byte == 0x7F {
            throw .badTarget("holds a percent-encoded control character")
        }
        guard let text = String(validating: decoded, as: UTF8.self) else {
            throw .badTarget("is not UTF-8 once its percent-encoding is undone")
        }
        return text
    }

    /// The query is decoded later and only in parts, but refused at once if that could not be done.
    private static func checkQuery(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(RequestHeadError) {
        var isEncoded = false
        for index in range where bytes[index] == ASCII.percent { isEncoded = true }
        guard isEncoded else { return }
        guard let decoded = PercentCoding.decode(bytes, range, plusIsBlank: true) else {
            throw .badTarget("has a % in its query that no two hexadecimal digits follow")
        }
        guard !decoded.contains(0) else { throw .badTarget("holds %00 in its query") }
        guard String(validating: decoded, as: UTF8.self) != nil else {
            throw .badTarget("has a query that is not UTF-8 once its percent-encoding is undone")
        }
    }
}
