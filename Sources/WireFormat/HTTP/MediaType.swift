// SPDX-License-Identifier: MIT

/// A parsed Content-Type value (RFC 9110 §8.3.1).
public struct MediaType: Equatable, Sendable {
    /// One parameter, `name=value`.
    public struct Parameter: Equatable, Sendable {
        /// The name in lower case.
        public let name: String
        /// The value as it was sent, without quotes and escaping backslashes.
        public let value: String
    }

    /// The most parameters that are accepted. Real types have one or two.
    private static let maxParameters = 16

    /// `image` of `image/jpeg`, lower-cased.
    public let type: String
    /// `jpeg` of `image/jpeg`, lower-cased.
    public let subtype: String
    /// The parameters in the order in which they were sent. No name occurs twice.
    public let parameters: [Parameter]

    /// Creates it by strict rules; nil for text that is no media type, repeats a parameter, or has more than 16.
    public init?(_ text: String) {
        var reader = MediaTypeReader(text)
        guard let type = reader.token(), reader.skip(ASCII.slash), let subtype = reader.token() else { return nil }
        var parameters: [Parameter] = []
        while reader.skipSemicolon() {
            guard !reader.isAtEnd else { break }
            guard let name = reader.token()?.lowercased(), reader.skip(ASCII.equals),
                let value = reader.tokenOrQuotedString(), parameters.count < Self.maxParameters,
                !parameters.contains(where: { $0.name == name })
            else { return nil }
            parameters.append(Parameter(name: name, value: value))
        }
        guard reader.isAtEnd else { return nil }
        self.type = type.lowercased()
        self.subtype = subtype.lowercased()
        self.parameters = parameters
    }

    /// `image/jpeg`, lower-cased and without parameters.
    public var essence: String { type + "/" + subtype }

    /// The value of the parameter `name`, which is given in lower case; nil if there is none.
    public subscript(name: String) -> String? {
        parameters.first { $0.name == name }?.value
    }
}

/// Reads the elements of a media type.
private struct MediaTypeReader {
    private let bytes: [UInt8]
    private var place = 0
    private let end: Int

    init(_ text: String) {
        let bytes = Array(text.utf8)
        let range = ASCII.trimmed(bytes.span, bytes.indices)
        self.bytes = bytes
        place = range.lowerBound
        end = range.upperBound
    }

    var isAtEnd: Bool { place == end }

    mutating func token() -> String? {
        let start = place
        while place < end, ASCII.token.contains(bytes[place]) { place += 1 }
        return place > start ? String(decoding: bytes[start..<place], as: UTF8.self) : nil
    }

    mutating func skip(_ byte: UInt8) -> Bool {
        guard place < end, bytes[place] == byte else { return false }
        place += 1
        return true
    }

    mutating func skipSemicolon() -> Bool {
        skipBlanks()
        guard skip(ASCII.semicolon) else { return false }
        skipBlanks()
        return true
    }

    mutating func tokenOrQuotedString() -> String? {
        guard skip(ASCII.quote) else { return token() }
        var value: [UInt8] = []
        while place < end {
            let byte = bytes[place]
            place += 1
            if byte == ASCII.quote { return String(validating: value, as: UTF8.self) }
            guard byte == ASCII.backslash else {
                guard !ASCII.isControl(byte) else { return nil }
                value.append(byte)
                continue
            }
            guard place < end, !ASCII.isControl(bytes[place]) else { return nil }
            value.append(bytes[place])
            place += 1
        }
        return nil
    }

    private mutating func skipBlanks() {
        while place < end, ASCII.isBlank(bytes[place]) { place += 1 }
    }
}
