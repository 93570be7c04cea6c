// SPDX-License-Identifier: MIT

/// The texts, whole numbers and truth values of a JSON object (RFC 8259), for clients of a relay. Members of other kinds
/// are checked and left out, so that a newer server may have them.
public struct JSONObject: Equatable, Sendable {
    /// A value that is kept.
    private enum Scalar: Equatable, Sendable {
        case text(String)
        case integer(Int64)
        case boolean(Bool)
    }

    private var members: [String: Scalar] = [:]

    /// Reads a whole text whose value is an object.
    ///
    /// - Parameter maxDepth: how deep objects and arrays may lie in each other, this one included.
    public static func parse(_ text: Span<UInt8>, maxDepth: Int) throws(JSONObjectError) -> JSONObject {
        var object = JSONObject()
        var reader = JSONScanner(place: 0, depthLeft: maxDepth)
        reader.skipBlanks(text)
        try reader.object(text) { (reader, name) throws(JSONObjectError) in
            guard let value = try object.scalar(text, &reader) else { return }
            object.members[name] = value
        }
        reader.skipBlanks(text)
        guard reader.place == text.count else { throw JSONObjectError(place: reader.place) }
        return object
    }

    /// The text of a member; nil if there is none.
    public func text(_ name: String) -> String? {
        if case .text(let value)? = members[name] { value } else { nil }
    }

    /// The number of a member that is a whole one; nil if there is none.
    public func integer(_ name: String) -> Int64? {
        if case .integer(let value)? = members[name] { value } else { nil }
    }

    /// The truth value of a member; nil if there is none.
    public func boolean(_ name: String) -> Bool? {
        if case .boolean(let value)? = members[name] { value } else { nil }
    }

    private func scalar(_ text: Span<UInt8>, _ reader: inout JSONScanner) throws(JSONObjectError) -> Scalar? {
        switch reader.peek(text) {
        case ASCII.quote: return .text(try reader.string(text))
        case 0x74, 0x66: return .boolean(try reader.word(text) == "true")
        case ASCII.dash, 0x30...0x39: return Int64(try reader.number(text)).map { .integer($0) }
        default:
            try reader.value(text)
            return nil
        }
    }
}

/// A text is no JSON object, or nested too deep.
public struct JSONObjectError: Error, Equatable, Sendable {
    /// The byte at which that showed.
    public let place: Int
}
