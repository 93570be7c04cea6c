// SPDX-License-Identifier: MIT

/// The language ranges of an Accept-Language field (RFC 9110 section 12.5.4), the preferred ones first.
public struct AcceptLanguage: Equatable, Sendable {
    /// The ranges by weight; those of the same weight as they stand in the field. Ranges with weight 0, which are
    /// refused, and those with a malformed weight are left out.
    public let ranges: [String]

    /// Creates it from the value of the field, which is nil if the request has none.
    public init(_ field: String?) {
        let weighted = (field ?? "").split(separator: ",").compactMap { element in
            let pieces = element.split(separator: ";", omittingEmptySubsequences: false).map(Self.trimmed)
            guard let range = pieces.first, !range.isEmpty, pieces.count <= 2 else { return (String, Int)?.none }
            let weight = pieces.count == 2 ? Self.thousandths(pieces[1]) : 1000
            return weight.flatMap { $0 > 0 ? (String(range), $0) : nil }
        }
        // The standard library's sort is stable, if not by contract: the place decides among equals.
        ranges = weighted.enumerated().sorted { first, second in
            (second.element.1, first.offset) < (first.element.1, second.offset)
        }.map(\.element.0)
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let bytes = text.utf8
        let blanks: [UInt8] = [ASCII.space, ASCII.tab]
        let front = bytes.drop { blanks.contains($0) }
        let count = front.reversed().drop { blanks.contains($0) }.count
        return Substring(front.prefix(count))
    }

    /// Returns the weight of `q=0.8` in thousandths; nil if it is malformed (RFC 9110 section 12.4.2).
    private static func thousandths(_ parameter: Substring) -> Int? {
        guard parameter.hasPrefix("q=") || parameter.hasPrefix("Q=") else { return nil }
        let digits = parameter.dropFirst(2).split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = digits.first, whole == "0" || whole == "1" else { return nil }
        let decimals = digits.count == 2 ? digits[1] : ""
        guard decimals.utf8.count <= 3, decimals.utf8.allSatisfy(ASCII.isDigit) else { return nil }
        let padded = decimals + String(repeating: "0", count: 3 - decimals.utf8.count)
        guard let fraction = Int(padded) else { return nil }
        let weight = (whole == "1" ? 1000 : 0) + fraction
        return weight <= 1000 ? weight : nil
    }
}
