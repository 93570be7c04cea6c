// SPDX-License-Identifier: MIT

/// Bytes that a socket has not taken yet, in the order in which they were written. Arrays are kept as they are, not
/// copied together.
struct OutputQueue {
    private var arrays: [[UInt8]] = []
    private var first = 0
    /// The bytes of the first array that are sent.
    private var sent = 0
    /// The bytes that are not sent.
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func append(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        arrays.append(bytes)
        count += bytes.count
    }

    /// The first array with unsent bytes, and where they begin; nil if there are none.
    var front: (bytes: [UInt8], start: Int)? { count == 0 ? nil : (arrays[first], sent) }

    /// Drops `number` bytes from the front, at most those of the first array.
    mutating func drop(_ number: Int) {
        guard first < arrays.count else { return }
        let taken = min(max(0, number), arrays[first].count - sent)
        sent += taken
        count -= taken
        guard sent == arrays[first].count else { return }
        arrays[first] = []
        first += 1
        sent = 0
        // Seldom, so that a long queue is not moved for each of its arrays.
        if first == arrays.count || first >= 64 {
            arrays.removeFirst(first)
            first = 0
        }
    }
}
