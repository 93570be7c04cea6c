// SPDX-License-Identifier: MIT

/// A JSON text, read strictly by RFC 8259. It may have no blanks, since the server writes none, and no name twice.
public enum JSONValue: Equatable, Sendable {
    /// `null`
    case null
    /// `true`, `false`
    case bool(Bool)
    /// A whole number.
    case int(Int64)
    /// A number with a fraction.
    case decimal(Double)
    /// Text.
    case string(String)
    /// Values in their order.
    case array([JSONValue])
    /// Members in their order.
    case object([Member])

    /// A name and its value.
    public struct Member: Equatable, Sendable {
        /// The name.
        public let name: String
        /// The value.
        public let value: JSONValue
    }

    /// The reason why a text is not valid JSON.
    public struct Failure: Error, CustomStringConvertible {
        /// The problem and its position.
        public let description: String
    }

    /// Creates it from a whole text.
    public init(parsing bytes: [UInt8]) throws(Failure) {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Failure(description: "not UTF-8") }
        var parser = Parser(bytes: bytes)
        self = try parser.value()
        guard parser.place == bytes.count else {
            throw Failure(description: "bytes behind the value at \(parser.place) of \(text)")
        }
    }

    /// The value of a member; nil if this is no object or has no such member.
    public subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// The names of an object's members in their order; empty if this is no object.
    public var names: [String] {
        guard case .object(let members) = self else { return [] }
        return members.map(\.name)
    }

    /// The number, if this is a whole one.
    public var int: Int64? { if case .int(let number) = self { number } else { nil } }

    /// The text, if this is a string.
    public var string: String? { if case .string(let text) = self { text } else { nil } }

    /// The elements, if this is an array.
    public var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
}

private struct Parser {
    let bytes: [UInt8]
    var place = 0

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    mutating func value() throws(JSONValue.Failure) -> JSONValue {
        switch next {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        default: return try number()
        }
    }

    private mutating func object() throws(JSONValue.Failure) -> JSONValue {
        var members: [JSONValue.Member] = []
        try list("{", "}") { (parser) throws(JSONValue.Failure) in
            let name = try parser.string()
            try parser.take(":")
            members.append(JSONValue.Member(name: name, value: try parser.value()))
        }
        guard Set(members.map(\.name)).count == members.count else { throw failure("a name twice") }
        return .object(members)
    }

    private mutating func array() throws(JSONValue.Failure) -> JSONValue {
        var elements: [JSONValue] = []
        try list("[", "]") { (parser) throws(JSONValue.Failure) in elements.append(try parser.value()) }
        return .array(elements)
    }

    private mutating func list(
        _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ element: (inout Parser) throws(JSONValue.Failure) -> Void
    ) throws(JSONValue.Failure) {
        try take(open)
        if next == UInt8(ascii: close) { return try take(close) }
        while true {
            try element(&self)
            if next == UInt8(ascii: close) { return try take(close) }
            try take(",")
        }
    }

    private mutating func string() throws(JSONValue.Failure) -> String {
        try take("\"")
        var text: [UInt8] = []
        while let byte = next, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw failure("a control character") }
            place += 1
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                continue
            }
            // Paths, names and lines need no escapes but these; any other is a surprise that should fail the test.
            switch next {
            case UInt8(ascii: "n"): text.append(UInt8(ascii: "\n"))
            case let escaped? where escaped == UInt8(ascii: "\"") || escaped == UInt8(ascii: "\\"): text.append(escaped)
            default: throw failure("an escape that is not expected")
            }
            place += 1
        }
        try take("\"")
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func number() throws(JSONValue.Failure) -> JSONValue {
        let digits = bytes[place...].prefix { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: ".")
                || byte == UInt8(ascii: "-")
        }
        let text = String(decoding: digits, as: UTF8.self)
        place += digits.count
        let whole = text.split(separator: ".", omittingEmptySubsequences: false)[0]
        guard whole == "0" || !whole.hasPrefix("0") else { throw failure("a leading zero") }
        if let number = Int64(text) { return .int(number) }
        guard text.contains("."), !text.hasSuffix("."), let number = Double(text) else { throw failure("no value") }
        return .decimal(number)
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(JSONValue.Failure) -> JSONValue {
        guard bytes[place...].starts(with: word.utf8) else { throw failure("no value") }
        place += word.utf8.count
        return value
    }

    private mutating func take(_ character: Unicode.Scalar) throws(JSONValue.Failure) {
        guard next == UInt8(ascii: character) else { throw failure("no \(character)") }
        place += 1
    }

    private func failure(_ what: String) -> JSONValue.Failure {
        JSONValue.Failure(description: "\(what) at \(place) of \(String(decoding: bytes, as: UTF8.self))")
    }
}
