// SPDX-License-Identifier: MIT

/// The addresses with a common prefix: `10.0.0.0/8`, `2001:db8::/32`, or a single address.
///
/// An IPv4 address mapped into IPv6 (`::ffff:192.0.2.1`, RFC 4291, section 2.5.5.2) counts as the IPv4 address it is.
public struct AddressNetwork: Sendable, Hashable {
    /// The network's first address.
    public let address: IPAddress
    /// The number of leading bits that are compared: 0 to 32 for IPv4, 0 to 128 for IPv6.
    public let prefixLength: Int

    /// Reads `ADDRESS` or `ADDRESS/BITS`. Refuses bits set after the prefix, since the writer meant something else.
    public init(parsing text: String) throws(ValueError) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let host = parts.first ?? ""
        guard let written = IPAddress(v4: host) ?? IPAddress(v6: host) else {
            throw ValueError(text, "not a network, as in 127.0.0.1, 10.0.0.0/8 or 2001:db8::/32")
        }
        var address = written
        var length = written.bytes.count * 8
        if parts.count == 2 {
            guard WholeNumber.isDigits(parts[1].utf8), let bits = Int(parts[1]), bits <= length else {
                throw ValueError(text, "what stands behind the slash is not a whole number from 0 to \(length)")
            }
            length = bits
        }
        if written.unmapped != written, length >= 96 {
            address = written.unmapped
            length -= 96
        }
        let first = address.prefix(length)
        guard first == address else {
            throw ValueError(text, "the address has bits behind its prefix; its network is \(first)/\(length)")
        }
        self.address = address
        prefixLength = length
    }

    /// Returns true if the address is in this network.
    public func contains(_ other: IPAddress) -> Bool {
        let other = other.unmapped
        return other.bytes.count == address.bytes.count && other.prefix(prefixLength) == address
    }
}

extension AddressNetwork: CustomStringConvertible {
    /// The network as it could be written; a single address has no slash.
    public var description: String {
        prefixLength == address.bytes.count * 8 ? "\(address)" : "\(address)/\(prefixLength)"
    }
}

extension IPAddress {
    /// The IPv4 address inside a mapped IPv6 address; any other address unchanged.
    fileprivate var unmapped: IPAddress {
        let bytes = bytes
        guard bytes.count == 16, bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF else {
            return self
        }
        return .v4(bytes[12], bytes[13], bytes[14], bytes[15])
    }

    /// Returns the address with every bit after the first `length` cleared.
    fileprivate func prefix(_ length: Int) -> IPAddress {
        let kept = bytes.enumerated().map { index, byte in
            let bits = min(max(length - index * 8, 0), 8)
            return byte & UInt8(truncatingIfNeeded: 0xFF00 >> bits)
        }
        guard kept.count == 16 else { return .v4(kept[0], kept[1], kept[2], kept[3]) }
        return .v6(stride(from: 0, to: 16, by: 2).map { UInt16(kept[$0]) << 8 | UInt16(kept[$0 + 1]) })
    }

    /// The address as 4 or 16 bytes in the order they are written.
    fileprivate var bytes: [UInt8] {
        switch self {
        case .v4(let a, let b, let c, let d): [a, b, c, d]
        case .v6(let groups): groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        }
    }
}
