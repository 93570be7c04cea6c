// SPDX-License-Identifier: MIT

/// An HTTP response as a test's client has read it.
public struct TestResponse: Sendable {
    /// The minor version of HTTP/1.x, 0 or 1.
    public let minorVersion: Int
    /// The status code.
    public let status: Int
    /// The words after the status code.
    public let phrase: String
    /// The fields in the order in which they came.
    public let fields: [(name: String, value: String)]
    /// The bytes after the head, if they were read.
    public var body: [UInt8] = []

    /// Creates it from the lines of a head. Strict: `HTTP/1.x NNN phrase`, then `Name: value` without blanks around it.
    public init(lines: [String]) throws(TestClientError) {
        guard let first = lines.first else { throw .malformed("a head without a line") }
        let words = first.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard words.count == 3, words[0] == "HTTP/1.0" || words[0] == "HTTP/1.1", words[1].utf8.count == 3,
            let status = Int(words[1]), (100...599).contains(status), !words[2].isEmpty
        else { throw .malformed("status line \"\(first)\"") }
        minorVersion = words[0] == "HTTP/1.0" ? 0 : 1
        self.status = status
        phrase = String(words[2])
        var fields: [(name: String, value: String)] = []
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { throw .malformed("field \"\(line)\"") }
            let name = line[..<colon]
            let value = line[line.index(after: colon)...]
            guard !name.isEmpty, !name.contains(" "), value.hasPrefix(" "), !value.hasSuffix(" ") else {
                throw .malformed("field \"\(line)\"")
            }
            fields.append((String(name), String(value.dropFirst())))
        }
        self.fields = fields
    }

    /// Returns the value of a field, ignoring the name's case; nil if there is none. A repeated field gives all values.
    public func field(_ name: String) -> String? {
        let values = fields.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: " | ")
    }

    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// Returns the body as JSON. Its Content-Type must say so too.
    public func json() throws -> JSONValue {
        guard field("content-type") == "application/json; charset=utf-8" else {
            throw TestClientError.malformed("JSON of the type \(field("content-type") ?? "none")")
        }
        return try JSONValue(parsing: body)
    }
}
