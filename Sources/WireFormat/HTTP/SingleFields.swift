// SPDX-License-Identifier: MIT

/// The fields of a request that may occur once, and a record of those that have occurred. If one occurs twice, a proxy
/// may believe one and a server the other (RFC 9110 section 5.3).
struct SingleFields {
    /// The fields of RFC 9110, RFC 6454, RFC 6455, the Fetch standard and Fetch Metadata that are no lists, and
    /// EvRelay's own.
    private static let names = [
        "host", "content-length", "content-type", "content-location", "content-range", "authorization",
        "proxy-authorization", "origin", "referer", "user-agent", "from", "date", "max-forwards", "range", "if-range",
        "if-modified-since", "if-unmodified-since", "access-control-request-method",
        "access-control-request-private-network", "sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site",
        "sec-fetch-user", "sec-websocket-key", "sec-websocket-version", "upgrade-insecure-requests", "x-publisher-id",
    ]

    /// The indices of `names` by their length.
    private static let indicesByLength: [[Int]] = {
        let longest = names.map(\.utf8.count).max() ?? 0
        return (0...longest).map { length in names.indices.filter { names[$0].utf8.count == length } }
    }()

    private var seen: UInt64 = 0

    /// Records a field. Returns false if a field of this name has occurred before and may not occur again.
    mutating func take(_ name: Span<UInt8>) -> Bool {
        guard name.count < Self.indicesByLength.count else { return true }
        for index in Self.indicesByLength[name.count] where ASCII.equal(name, caseless: Self.names[index]) {
            let bit: UInt64 = 1 << UInt64(index)
            guard seen & bit == 0 else { return false }
            seen |= bit
        }
        return true
    }
}
