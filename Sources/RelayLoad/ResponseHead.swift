// SPDX-License-Identifier: MIT

/// A response's status line and fields, as far as a viewer or an uploader needs them.
///
/// The load tool reads the wire by its own means and not by WireFormat's: a mistake in what the server shares with its
/// judge would not be seen.
struct ResponseHead: Equatable {
    /// 100 to 599.
    let status: Int
    /// True for `Transfer-Encoding: chunked`.
    let isChunked: Bool
    /// The length of the body, where it is given.
    let contentLength: Int?
    /// The boundary parameter of Content-Type, without quotes.
    let boundary: String?

    /// Reads a whole head, with the blank line that ends it.
    init(_ bytes: [UInt8]) throws(StreamError) {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n")
        let words = (lines.first ?? "").split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]), (100..<600).contains(status)
        else { throw .badResponseHead }
        var (isChunked, contentLength, boundary) = (false, Int?.none, String?.none)
        for line in lines.dropFirst() {
            let halves = line.split(separator: ":", maxSplits: 1)
            guard halves.count == 2 else { throw .badResponseHead }
            let value = halves[1].drop { $0 == " " }
            switch halves[0].lowercased() {
            case "transfer-encoding": isChunked = value.lowercased() == "chunked"
            case "content-length": contentLength = Int(value)
            case "content-type": boundary = Self.boundary(in: value)
            default: break
            }
        }
        self.status = status
        self.isChunked = isChunked
        self.contentLength = contentLength
        self.boundary = boundary
    }

    private static func boundary(in contentType: Substring) -> String? {
        for parameter in contentType.split(separator: ";").dropFirst() {
            let trimmed = parameter.drop { $0 == " " }
            if trimmed.lowercased().hasPrefix("boundary=") {
                return trimmed.dropFirst("boundary=".count).filter { $0 != "\"" }
            }
        }
        return nil
    }
}
