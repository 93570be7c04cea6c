// SPDX-License-Identifier: MIT
import LibEvent

/// What the viewers of one kind have received.
struct Tally {
    /// Every byte read, heads and framing too.
    var bytes = 0
    /// Frames of the measured time that came whole and in order; with them `latencies`.
    var frames = 0
    /// From the first byte of a frame's upload to the last byte of its part.
    var latencies = LatencyHistogram()

    /// Frames whose bytes differ from what was sent.
    var torn = 0
    /// Frames of another camera.
    var mixed = 0
    /// Parts that are no frame of ours.
    var unknown = 0
    /// Frames that are older than one the viewer had.
    var outOfOrder = 0
    /// The same frame again, as the relay sends it of a still scene.
    var repeated = 0
    /// Whole frames of an earlier run: the camera's latest when a viewer came.
    var ofEarlierRuns = 0
    /// Connections that were closed or broke the framing.
    var ended = 0

    /// Whatever must never happen to any viewer.
    var faults: Int { torn + mixed + unknown + outOfOrder }
}
