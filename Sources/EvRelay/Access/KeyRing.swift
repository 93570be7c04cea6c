// SPDX-License-Identifier: MIT

/// The keys in force.
struct KeyRing: Sendable {
    private let entries: [KeyFile.Entry]
    /// The digests of `entries`, stored separately so that comparing them touches nothing else.
    private let digests: [CredentialDigest]

    /// Creates a ring of keys with different digests.
    init(_ entries: [KeyFile.Entry] = []) {
        self.entries = entries
        digests = entries.map(\.digest)
    }

    /// The number of keys.
    var count: Int { entries.count }

    /// Returns true if any key has `right`.
    func has(_ right: Right) -> Bool { entries.contains { $0.rights.contains(right) } }

    /// The key with this digest; nil if there is none. All digests are compared, so the time reveals neither which key
    /// matched nor how much of one did.
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
