// SPDX-License-Identifier: MIT
import LibEvent

extension InputBuffer {
    /// A queue of these pieces; each is one allocation of the queue if it is larger than libevent's smallest.
    convenience init(_ pieces: [UInt8]...) throws(LibEventError) {
        try self.init()
        for piece in pieces {
            // Moved in from a queue of its own, so that it stays a piece of its own.
            let source = try InputBuffer()
            source.append(piece)
            source.move(piece.count, to: self)
        }
    }

    /// Everything that is waiting.
    var contents: [UInt8] {
        withFront(atLeast: count) { front in front.indices.map { front[$0] } }
    }

    /// The bytes that lie in one piece at the front, or `minimum` if that is more.
    func front(atLeast minimum: Int = 1) -> [UInt8] {
        withFront(atLeast: minimum) { front in front.indices.map { front[$0] } }
    }
}

/// Bytes that tell their place: no two pieces of less than 251 bytes look the same.
func numbered(_ range: Range<Int>) -> [UInt8] { range.map { UInt8($0 % 251) } }
