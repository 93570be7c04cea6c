// SPDX-License-Identifier: MIT

/// Sizes as people write them: `5MiB`, `800KB`, `4096` (bytes).
public enum ByteSize {
    /// Binary units, then decimal ones, each largest first. The first that divides a size is printed.
    private static let units: [(name: String, bytes: Int)] = [
        ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1000),
        ("B", 1),
    ]

    /// Reads a size. A number alone counts bytes; K, M and G are powers of 1000 with `B` and of 1024 with `iB`.
    public static func parse(_ text: String) throws(ValueError) -> Int {
        let (number, unit) = try WholeNumber.withUnit(text)
        guard let factor = unit.isEmpty ? 1 : units.first(where: { $0.name == unit })?.bytes else {
            throw ValueError(text, "the unit is none of B, KB, KiB, MB, MiB, GB, GiB")
        }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: factor)
        guard !overflow else { throw ValueError(text, "out of range") }
        return bytes
    }

    /// Returns an exact form: 5242880 is `5MiB`, 800000 is `800KB`, 1025 is `1025B`.
    public static func text(_ bytes: Int) -> String {
        for unit in units where bytes >= unit.bytes && bytes.isMultiple(of: unit.bytes) {
            return "\(bytes / unit.bytes)\(unit.name)"
        }
        return "\(bytes)B"
    }
}
