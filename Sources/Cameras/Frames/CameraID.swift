// SPDX-License-Identifier: MIT

/// A camera's name: 1 to 64 of `A-Z a-z 0-9 . _ -`, not starting with a dot.
///
/// Safe without escaping in a path, a file name, a log line and JSON.
public struct CameraID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The name.
    public let description: String

    /// The camera of a URL without a name.
    public static let `default` = CameraID(checked: "default")

    /// The rule for names, for messages.
    public static let accepted = "1 to 64 of A-Z a-z 0-9 . _ -, not starting with a dot"

    /// Creates an ID; nil unless `name` is valid.
    public init?(_ name: some StringProtocol) {
        let bytes = name.utf8
        guard (1...64).contains(bytes.count), bytes.first != UInt8(ascii: ".") else { return nil }
        guard bytes.allSatisfy(Self.isAllowed) else { return nil }
        description = String(name)
    }

    private init(checked name: String) {
        description = name
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// Compares two names byte by byte.
    public static func < (left: CameraID, right: CameraID) -> Bool { left.description < right.description }
}
