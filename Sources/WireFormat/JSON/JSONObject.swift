// SPDX-License-Identifier: MIT

/// The members of a JSON object (RFC 8259): strings, numbers, Booleans, objects, arrays of strings and arrays of rows of
/// whole numbers. Members of other kinds are checked but their values are not kept, so that a newer peer may send them.
public struct JSONObject: Equatable, Sendable {
    private enum Value: Equatable, Sendable {
        case text(String)
        case texts([String])
        case integer(Int64)
        case decimal(Double)
        case boolean(Bool)
        case object(JSONObject)
        case rows([[Int64]])
        case null
        /// Any other array, or a number beyond the range of `Double`.
        case other
    }

    private var members: [String: Value] = [:]

    /// Parses a whole text whose value is an object. A repeated member is refused, in nested objects too: two readers
    /// could use different ones (RFC 7519 §4).
    ///
    /// - Parameter maxDepth: the deepest nesting of objects and arrays, this object included.
    public static func parse(_ text: Span<UInt8>, maxDepth: Int) throws(JSONObjectError) -> JSONObject {
        var reader = JSONScanner(place: 0, depthLeft: maxDepth)
        reader.skipBlanks(text)
        let object = try object(text, &reader)
        reader.skipBlanks(text)
        guard reader.place == text.count else { throw JSONObjectError(place: reader.place) }
        return object
    }

    private static func object(_ text: Span<UInt8>, _ reader: inout JSONScanner) throws(JSONObjectError) -> JSONObject {
        var object = JSONObject()
        try reader.object(text) { (reader, name) throws(JSONObjectError) in
            let value = try Self.value(text, &reader)
            guard object.members.updateValue(value, forKey: name) == nil else {
                throw JSONObjectError(place: reader.place)
            }
        }
        return object
    }

    /// Returns true if there is a member of this name, whatever its value.
    public func has(_ name: String) -> Bool { members[name] != nil }

    /// Returns true if there is a member of this name that is null.
    public func isNull(_ name: String) -> Bool { members[name] == .null }

    /// Returns the text of a member that is a string; nil if there is none.
    public func text(_ name: String) -> String? {
        if case .text(let value)? = members[name] { value } else { nil }
    }

    /// Returns the elements of a member that is an array of strings; nil if there is none. Empty for an empty array.
    public func texts(_ name: String) -> [String]? {
        if case .texts(let value)? = members[name] { value } else { nil }
    }

    /// Returns the number of a member that is a whole one; nil if there is none.
    public func integer(_ name: String) -> Int64? {
        if case .integer(let value)? = members[name] { value } else { nil }
    }

    /// Returns the number of a member, whole or not; nil if there is none. Always finite.
    public func number(_ name: String) -> Double? {
        switch members[name] {
        case .integer(let value): Double(value)
        case .decimal(let value): value
        default: nil
        }
    }

    /// Returns the value of a member that is a Boolean; nil if there is none.
    public func boolean(_ name: String) -> Bool? {
        if case .boolean(let value)? = members[name] { value } else { nil }
    }

    /// Returns a member that is an object; nil if there is none.
    public func object(_ name: String) -> JSONObject? {
        if case .object(let value)? = members[name] { value } else { nil }
    }

    /// Returns the elements of a member that is an array of arrays of whole numbers; nil if there is none. Empty for an
    /// empty array.
    public func rows(_ name: String) -> [[Int64]]? {
        switch members[name] {
        case .rows(let rows): rows
        case .texts(let texts): texts.isEmpty ? [] : nil
        default: nil
        }
    }

    private static func value(_ text: Span<UInt8>, _ reader: inout JSONScanner) throws(JSONObjectError) -> Value {
        switch reader.peek(text) {
        case ASCII.quote: return .text(try reader.string(text))
        case 0x74, 0x66: return .boolean(try reader.word(text) == "true")
        case 0x6E:
            _ = try reader.word(text)
            return .null
        case ASCII.dash, 0x30...0x39: return number(try reader.number(text))
        case 0x5B: return try array(text, &reader)
        case 0x7B: return .object(try object(text, &reader))
        default:
            try reader.value(text)
            return .other
        }
    }

    private static func number(_ digits: String) -> Value {
        if let whole = Int64(digits) { return .integer(whole) }
        guard let number = Double(digits), number.isFinite else { return .other }
        return .decimal(number)
    }

    private static func array(_ text: Span<UInt8>, _ reader: inout JSONScanner) throws(JSONObjectError) -> Value {
        var texts: [String] = []
        var rows: [[Int64]] = []
        var count = 0
        try reader.array(text) { (reader) throws(JSONObjectError) in
            count += 1
            switch reader.peek(text) {
            case ASCII.quote: texts.append(try reader.string(text))
            case 0x5B: if let row = try row(text, &reader) { rows.append(row) }
            default: try reader.value(text)
            }
        }
        if texts.count == count { return .texts(texts) }
        return rows.count == count ? .rows(rows) : .other
    }

    /// Reads an array; nil if an element is not a whole number, written with or without a fraction and an exponent.
    private static func row(_ text: Span<UInt8>, _ reader: inout JSONScanner) throws(JSONObjectError) -> [Int64]? {
        var row: [Int64]? = []
        try reader.array(text) { (reader) throws(JSONObjectError) in
            switch try value(text, &reader) {
            case .integer(let number): row?.append(number)
            case .decimal(let number):
                if let whole = Int64(exactly: number) { row?.append(whole) } else { row = nil }
            default: row = nil
            }
        }
        return row
    }
}

/// A text that is no JSON object, repeats a member, or is nested too deep.
public struct JSONObjectError: Error, Equatable, Sendable {
    /// The offset in bytes at which the error was found.
    public let place: Int
}
