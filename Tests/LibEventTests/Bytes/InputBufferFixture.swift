// SPDX-License-Identifier: MIT
import LibEvent
import System

extension InputBuffer {
    /// Creates a queue of these pieces. A piece is an allocation of its own if it is larger than libevent's smallest.
    convenience init(_ pieces: [UInt8]...) throws(SystemError) {
        try self.init()
        for piece in pieces {
            // Moved from a queue of its own, so that it stays a separate piece.
            let source = try InputBuffer()
            source.append(piece)
            source.move(piece.count, to: self)
        }
    }

    /// All waiting bytes.
    var contents: [UInt8] {
        withFront(atLeast: count) { front in front.indices.map { front[$0] } }
    }

    /// Returns the bytes in one piece at the front, or `minimum` bytes if that is more.
    func front(atLeast minimum: Int = 1) -> [UInt8] {
        withFront(atLeast: minimum) { front in front.indices.map { front[$0] } }
    }
}
