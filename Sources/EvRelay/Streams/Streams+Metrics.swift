// SPDX-License-Identifier: MIT
import Cameras

extension Streams {
    /// Viewers that have left, by reason.
    static let viewersLeft = Metric.counted("evrelay_viewers_left_total", "Viewers that have gone.", by: "reason")
    /// Viewers restored from an earlier process.
    static let viewersRestored = Metric.counted(
        "evrelay_viewers_restored_total", "Viewers taken over from the process before.")

    var metrics: [Metric] {
        [
            .gauge("evrelay_viewers", "Viewers of all cameras.") { $0.relay.viewers.taken },
            .gauge("evrelay_viewers_limit", "--max-viewers.") { $0.relay.viewers.limit },
            Self.viewersRestored, Self.viewersLeft,
            .counter("evrelay_frames_sent_total", "Frames handed to viewers.") { $0.sum { $0.sent.frames } },
            .counter("evrelay_sent_bytes_total", "Bytes of stream handed to viewers.") { $0.sum { $0.sent.bytes } },
            .counter("evrelay_frames_skipped_total", "Frames that viewers missed because they were busy or not due.") {
                $0.sum { $0.sent.skipped }
            },
            .histogram(
                "evrelay_delivery_latency_seconds",
                "From a frame's last byte in to its hand-over to a viewer's socket."
            ) { $0.deliveryLatency },
            .ofCameras("evrelay_camera_frames_sent_total", "A camera's frames handed to viewers.") { $0.sent.frames },
            .ofCameras("evrelay_camera_sent_bytes_total", "Bytes of a camera's streams.") { $0.sent.bytes },
            .ofCameras("evrelay_camera_frames_skipped_total", "A camera's frames that viewers missed.") {
                $0.sent.skipped
            },
            .ofCameras("evrelay_camera_viewers", "Viewers of a camera.", value: \.viewers),
        ]
    }
}
