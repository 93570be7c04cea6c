// SPDX-License-Identifier: MIT

/// The fields of one part's head that matter here, added line by line.
struct MultipartPartHead: Sendable {
    /// Content-Length in bytes; nil if the part extends to the next delimiter.
    private(set) var contentLength: Int?
    private var hasType = false

    /// Adds one line of the head, without its CRLF. Fields of no interest are checked for their form only.
    mutating func add(_ line: Span<UInt8>, maxPartBytes: Int) throws(MultipartError) {
        let field: FieldLine
        do { field = try FieldLine(line, 0..<line.count) } catch { throw .badPartHead(ASCII.excerpt(line)) }
        let name = line.extracting(field.name)
        let value = line.extracting(field.value)
        switch name.count {
        case 12 where ASCII.equal(name, caseless: "content-type"):
            guard !hasType else { throw .badPartHead(ASCII.excerpt(line)) }
            hasType = true
            try checkType(value)
        case 14 where ASCII.equal(name, caseless: "content-length"):
            guard contentLength == nil, let length = ASCII.decimal(value) else {
                throw .badPartLength(ASCII.excerpt(value))
            }
            guard length <= maxPartBytes else { throw .partTooLarge(limit: maxPartBytes) }
            contentLength = length
        case 16 where ASCII.equal(name, caseless: "content-encoding"):
            guard ASCII.equal(value, caseless: "identity") else {
                throw .unsupportedPartEncoding(ASCII.excerpt(value))
            }
        case 25 where ASCII.equal(name, caseless: "content-transfer-encoding"):
            for harmless in ["binary", "8bit", "7bit"] where ASCII.equal(value, caseless: harmless) { return }
            throw .unsupportedPartEncoding(ASCII.excerpt(value))
        default: break
        }
    }

    /// Accepts `image/jpeg`, and `image/jpg` as some cameras write it; parameters are ignored.
    private func checkType(_ value: Span<UInt8>) throws(MultipartError) {
        var end = 0
        while end < value.count, value[end] != ASCII.semicolon { end += 1 }
        let essence = value.extracting(ASCII.trimmed(value, 0..<end))
        guard ASCII.equal(essence, caseless: "image/jpeg") || ASCII.equal(essence, caseless: "image/jpg") else {
            throw .unsupportedPartType(ASCII.excerpt(value))
        }
    }
}
