// SPDX-License-Identifier: MIT
import LibEvent
public import System

extension Camera {
    /// A period of sending, from the first frame until the camera is offline.
    public struct Session: Sendable, Equatable {
        /// The time of the first frame; nil while the camera is offline.
        public internal(set) var began: Instant?
        /// Frames accepted in this period.
        public internal(set) var frames = 0
        /// Bytes of the accepted JPEGs.
        public internal(set) var bytes = 0
        /// The time from the first frame to the last.
        public internal(set) var duration = Duration.zero

        /// Counts a frame with a JPEG of `count` bytes.
        mutating func record(_ count: Int, _ now: Instant) {
            if let began { duration = now - began } else { began = now }
            frames += 1
            bytes += count
        }
    }
}
