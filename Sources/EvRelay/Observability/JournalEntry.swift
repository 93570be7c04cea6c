// SPDX-License-Identifier: MIT

/// The bytes of one journal entry in systemd's native journal protocol: fields, each a name and a value.
struct JournalEntry: Equatable {
    /// What is sent as one datagram.
    private(set) var bytes: [UInt8] = []

    /// The journal leaves out fields with longer names (systemd.journal-fields(7) and its source).
    static let maxNameBytes = 64

    private static let lineFeed = UInt8(ascii: "\n")

    /// Adds a field. Of its name letters, in upper case, and digits are kept; anything else becomes `_`.
    mutating func append(_ name: String, _ value: String) {
        bytes.append(contentsOf: Self.name(name))
        let value = Array(value.utf8)
        if value.contains(Self.lineFeed) {
            // The length in 8 bytes, little endian, stands for the `=` that would otherwise end at the line feed.
            bytes.append(Self.lineFeed)
            for shift in stride(from: 0, to: 64, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: value.count >> shift))
            }
        } else {
            bytes.append(UInt8(ascii: "="))
        }
        bytes.append(contentsOf: value)
        bytes.append(Self.lineFeed)
    }

    /// A name as the journal takes it: `evrelay_camera.id` is `EVRELAY_CAMERA_ID`.
    private static func name(_ name: String) -> [UInt8] {
        name.uppercased().unicodeScalars.prefix(maxNameBytes).map { scalar in
            switch scalar {
            case "A"..."Z", "0"..."9": UInt8(truncatingIfNeeded: scalar.value)
            default: UInt8(ascii: "_")
            }
        }
    }
}
