// SPDX-License-Identifier: MIT
import WireFormat

/// A member of a page's measurements that cannot be used.
struct MeasurementsError: Error, Equatable, Sendable {
    /// The path of the member, such as `reach.status`.
    let member: String
    /// The accepted values, in words.
    let accepted: String
}

/// Reads the members of one object of a page's measurements, each within its limits.
struct MeasurementsReader {
    private let object: JSONObject
    private let path: String

    init(_ object: JSONObject, path: String = "") {
        self.object = object
        self.path = path
    }

    /// Reads a whole number.
    func integer(_ name: String, _ range: ClosedRange<Int64>) throws(MeasurementsError) -> Int64 {
        let exact = object.integer(name) ?? object.number(name).flatMap { Int64(exactly: $0) }
        guard let exact, range.contains(exact) else {
            throw error(name, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return exact
    }

    /// Reads a time in microseconds, at most `longest`.
    func duration(_ name: String, longest: Duration) throws(MeasurementsError) -> Duration {
        .microseconds(try integer(name, 0...longest.components.seconds * 1_000_000))
    }

    func boolean(_ name: String) throws(MeasurementsError) -> Bool {
        guard let value = object.boolean(name) else { throw error(name, "true or false") }
        return value
    }

    /// Reads a string of at most `maxCount` characters (Unicode scalars, as JSON Schema counts them).
    func text(_ name: String, maxCount: Int) throws(MeasurementsError) -> String {
        guard let value = object.text(name), value.unicodeScalars.count <= maxCount else {
            throw error(name, "a string of at most \(maxCount) characters")
        }
        return value
    }

    /// Reads one of these words.
    func word(_ name: String, of words: [String]) throws(MeasurementsError) -> String {
        guard let value = object.text(name), words.contains(value) else {
            throw error(name, words.joined(separator: ", "))
        }
        return value
    }

    func texts(_ name: String, maxCount: Int, maxTextCount: Int) throws(MeasurementsError) -> [String] {
        guard let values = object.texts(name), values.count <= maxCount,
            values.allSatisfy({ $0.unicodeScalars.count <= maxTextCount })
        else { throw error(name, "at most \(maxCount) strings of at most \(maxTextCount) characters") }
        return values
    }

    /// Reads rows of `width` points in time each, in microseconds since 1970.
    func times(_ name: String, width: Int, maxCount: Int) throws(MeasurementsError) -> [[Int64]] {
        guard let rows = object.rows(name), rows.count <= maxCount,
            rows.allSatisfy({ $0.count == width && $0.allSatisfy(RoundTrips.times.contains) })
        else {
            let last = RoundTrips.times.upperBound
            throw error(name, "at most \(maxCount) arrays of \(width) times in microseconds from 0 to \(last)")
        }
        return rows
    }

    /// Reads a member that may be absent or null.
    func optional(_ name: String) throws(MeasurementsError) -> MeasurementsReader? {
        guard object.has(name), !object.isNull(name) else { return nil }
        return try part(name)
    }

    /// Reads an object.
    func part(_ name: String) throws(MeasurementsError) -> MeasurementsReader {
        guard let part = object.object(name) else { throw error(name, "an object") }
        return MeasurementsReader(part, path: "\(path)\(name).")
    }

    /// True if the member is present and null.
    func isNull(_ name: String) -> Bool { object.isNull(name) }

    /// The relay's report, if the object is one.
    var info: RelayInfo? { RelayInfo(object) }

    func error(_ name: String, _ accepted: String) -> MeasurementsError {
        MeasurementsError(member: path + name, accepted: accepted)
    }
}
