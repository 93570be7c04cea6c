// SPDX-License-Identifier: MIT
import LibEvent

/// Counts of what the viewers of one kind have received.
///
/// Confined to the crowd's thread; its viewers share it.
final class Tally {
    /// Every byte read, including heads and framing.
    var bytes = 0
    /// Frames of the measured time that arrived whole and in order; each is counted in `latencies` too.
    var frames = 0
    /// The times from the first byte of a frame's upload to the last byte of its part.
    var latencies = LatencyHistogram()

    /// Frames whose bytes differ from those sent.
    var torn = 0
    /// Frames of another camera.
    var mixed = 0
    /// Parts that are no frame of the load tool, and streams whose framing broke.
    var unknown = 0
    /// Frames that are older than one the viewer had.
    var outOfOrder = 0
    /// Frames repeated, as the relay does for a still scene.
    var repeated = 0
    /// Whole frames of an earlier run: a camera's latest frame when a viewer came.
    var ofEarlierRuns = 0
    /// Connections that were closed or broke the framing.
    var ended = 0

    /// The number of events that must never happen to any viewer.
    var faults: Int { torn + mixed + unknown + outOfOrder }
}
