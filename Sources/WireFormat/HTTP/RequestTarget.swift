// SPDX-License-Identifier: MIT

/// A parsed request target (RFC 9112 §3.2): its path, and the ranges of path and query in the head.
struct RequestTarget {
    /// The path, percent-decoded; `*` for the asterisk form.
    let path: String
    /// The range of the query, without its question mark.
    let query: Range<Int>
    /// The range of path and query, without a scheme and host before them.
    let pathAndQuery: Range<Int>

    /// Creates it from the origin form, the absolute form (whose authority is only checked), or `*` for OPTIONS only.
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

    /// Returns the position after `http://host`, where path or query begin.
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

    /// Refuses a query that cannot be decoded. Its values are decoded later, and only on access.
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
