// SPDX-License-Identifier: MIT

/// The keys that hold now.
struct KeyRing: Sendable {
    private let entries: [KeyFile.Entry]
    /// Apart from the rest of the entries, which need not be touched to compare them.
    private let digests: [CredentialDigest]

    /// Keys with different digests.
    init(_ entries: [KeyFile.Entry] = []) {
        self.entries = entries
        digests = entries.map(\.digest)
    }

    /// How many there are.
    var count: Int { entries.count }

    /// True if a key opens something for `right`.
    func has(_ right: Right) -> Bool { entries.contains { $0.rights.contains(right) } }

    /// The key with this digest; nil if there is none. All are compared, and how long that takes says neither which one
    /// it was nor how much of one was right.
    subscript(digest: CredentialDigest) -> KeyFile.Entry? {
        var found: UInt64 = 0
        var number: UInt64 = 0
        for known in digests {
            number &+= 1
            let difference = known.difference(digest)
            // The highest bit of the expression in brackets is set for every difference but zero.
            let isSame = ((difference | (0 &- difference)) >> 63) ^ 1
            found |= number & (0 &- isSame)
        }
        return found == 0 ? nil : entries[Int(found) - 1]
    }
}
