// SPDX-License-Identifier: MIT
import WireFormat

/// Readers of query parameters. The value of an absent parameter is nil; a wrong value is an error.
enum Parameter {
    /// Reads `0` or `1`.
    static func flag(_ name: String, in query: Query) throws(ParameterError) -> Bool? {
        guard let text = query[name] else { return nil }
        switch text {
        case "0": return false
        case "1": return true
        default: throw ParameterError(name: name, value: text, accepted: "0 or 1")
        }
    }

    /// Reads a whole number in `range`, in decimal digits.
    static func integer<Value: FixedWidthInteger & Sendable>(
        _ name: String, in query: Query, _ range: ClosedRange<Value>
    ) throws(ParameterError) -> Value? {
        guard let text = query[name] else { return nil }
        guard isPlain(text, allowingPoint: false), let value = Value(text), range.contains(value) else {
            throw ParameterError(
                name: name, value: text, accepted: "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// Reads a number in `range`, in decimal digits with at most one point; no sign, exponent, infinity or NaN.
    static func decimal(
        _ name: String, in query: Query, _ range: ClosedRange<Double>
    ) throws(ParameterError) -> Double? {
        guard let text = query[name] else { return nil }
        guard isPlain(text, allowingPoint: true), let value = Double(text), range.contains(value) else {
            throw ParameterError(
                name: name, value: text, accepted: "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    private static func isPlain(_ text: String, allowingPoint: Bool) -> Bool {
        (1...20).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (allowingPoint && $0 == UInt8(ascii: "."))
            }
    }
}

/// A query parameter with an invalid value.
struct ParameterError: Error, Equatable, Sendable {
    let name: String
    let value: String
    let accepted: String
}
