// SPDX-License-Identifier: MIT

/// The bytes of one journal entry in systemd's native journal protocol: fields, each a name and a value.
struct JournalEntry: Equatable {
    /// The bytes to send as one datagram.
    private(set) var bytes: [UInt8] = []

    /// The longest name of a field. The journal leaves out longer ones (systemd.journal-fields(7) and its source).
    static let maxNameBytes = 64

    private static let lineFeed = UInt8(ascii: "\n")

    /// Adds a field. Its name is put in upper case, characters other than letters and digits become `_`, and the rest
    /// after `maxNameBytes` is cut.
    mutating func append(_ name: String, _ value: String) {
        bytes.append(contentsOf: Self.name(name))
        let value = Array(value.utf8)
        if value.contains(Self.lineFeed) {
            // A value with a line feed has its length (8 bytes, little endian) before it, not `=`: the line feed would
            // end it.
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

    /// Returns the name in the form that the journal accepts: `EVRELAY_CAMERA_ID` for `evrelay_camera.id`.
    private static func name(_ name: String) -> [UInt8] {
        name.uppercased().unicodeScalars.prefix(maxNameBytes).map { scalar in
            switch scalar {
            case "A"..."Z", "0"..."9": UInt8(truncatingIfNeeded: scalar.value)
            default: UInt8(ascii: "_")
            }
        }
    }
}
