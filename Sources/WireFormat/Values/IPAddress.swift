// SPDX-License-Identifier: MIT

/// A numeric IPv4 or IPv6 address. Names are not looked up: a server must not wait for DNS before it can listen.
public enum IPAddress: Sendable, Hashable {
    /// The four bytes in the order they are written.
    case v4(UInt8, UInt8, UInt8, UInt8)
    /// The eight 16-bit groups in the order they are written; always eight.
    case v6([UInt16])

    /// `::`, every address of both families on a socket that is not limited to IPv6.
    public static let everyAddress = IPAddress.v6([0, 0, 0, 0, 0, 0, 0, 0])
    /// `127.0.0.1`.
    public static let loopback = IPAddress.v4(127, 0, 0, 1)

    // Not generic: from another module, a generic initializer costs three times as much, and a request's Host field is
    // read here.

    /// Reads `192.0.2.1`: four decimal numbers without leading zeros, which some programs read as octal.
    public init?(v4 text: Substring) {
        var numbers: [UInt8] = []
        var value = 0
        var digits = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: ".") {
                guard digits > 0, numbers.count < 3 else { return nil }
                numbers.append(UInt8(value))
                (value, digits) = (0, 0)
                continue
            }
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte), digits == 0 || value > 0 else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
            digits += 1
            guard value <= 255 else { return nil }
        }
        guard digits > 0, numbers.count == 3 else { return nil }
        self = .v4(numbers[0], numbers[1], numbers[2], UInt8(value))
    }

    /// Reads `192.0.2.1`, as the initializer with a substring does.
    public init?(v4 text: String) { self.init(v4: text[...]) }

    /// Reads an IPv6 address, as the initializer with a substring does.
    public init?(v6 text: String) { self.init(v6: text[...]) }

    /// Reads an IPv6 address without brackets and without a zone, in any of the forms of RFC 4291, section 2.2.
    public init?(v6 text: Substring) {
        let halves = text.split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2, let head = halves.first,
            let before = Self.groups(head, mayEndInV4: halves.count == 1)
        else { return nil }
        guard halves.count == 2 else {
            guard before.count == 8 else { return nil }
            self = .v6(before)
            return
        }
        // "::" stands for at least one group of zeros (RFC 4291 allows one, RFC 5952 only recommends two).
        guard let after = Self.groups(halves[1], mayEndInV4: true), before.count + after.count < 8 else { return nil }
        self = .v6(before + Array(repeating: 0, count: 8 - before.count - after.count) + after)
    }

    private static func groups(_ text: Substring, mayEndInV4: Bool) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if mayEndInV4, index == parts.count - 1, case .v4(let a, let b, let c, let d)? = IPAddress(v4: part) {
                groups += [UInt16(a) << 8 | UInt16(b), UInt16(c) << 8 | UInt16(d)]
            } else {
                guard (1...4).contains(part.utf8.count), part.utf8.first != UInt8(ascii: "+"),
                    let group = UInt16(part, radix: 16)
                else { return nil }
                groups.append(group)
            }
        }
        return groups
    }
}

extension IPAddress: CustomStringConvertible {
    /// The canonical text: RFC 5952, section 4, for IPv6, without brackets.
    public var description: String {
        switch self {
        case .v4(let a, let b, let c, let d): "\(a).\(b).\(c).\(d)"
        case .v6(let groups): Self.text(groups)
        }
    }

    private static func text(_ groups: [UInt16]) -> String {
        let digits = groups.map { String($0, radix: 16) }
        guard let zeros = longestZeros(groups) else { return digits.joined(separator: ":") }
        return digits[..<zeros.lowerBound].joined(separator: ":") + "::"
            + digits[zeros.upperBound...].joined(separator: ":")
    }

    /// Returns the first of the longest runs of zero groups. A single group is not shortened (RFC 5952, section 4.2.2).
    private static func longestZeros(_ groups: [UInt16]) -> Range<Int>? {
        var best: Range<Int>?
        var start = 0
        for index in 0...groups.count {
            if index < groups.count, groups[index] == 0 { continue }
            if index - start > max(1, best?.count ?? 0) { best = start..<index }
            start = index + 1
        }
        return best
    }
}
