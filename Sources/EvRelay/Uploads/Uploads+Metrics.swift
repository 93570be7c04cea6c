// SPDX-License-Identifier: MIT
import Cameras
import LibEvent

extension Uploads {
    /// Parts of streaming uploads that were skipped; each also counts as a refused upload.
    static let skippedFrames = Metric.counted(
        "evrelay_upload_frames_skipped_total",
        "Frames of streaming uploads that were left out because they could not be relayed.")

    var metrics: [Metric] {
        [
            .counter("evrelay_frames_received_total", "Frames accepted.") { $0.relay.hub.received.frames.value },
            .counter("evrelay_received_bytes_total", "Bytes of the frames accepted.") {
                $0.relay.hub.received.bytes.value
            },
            Self.skippedFrames,
            .counters("evrelay_upload_refusals_total", "Uploads refused.", by: "reason") { $0.uploadRefusals },
            .ofCameras("evrelay_camera_frames_received_total", "Frames accepted from a camera.") {
                $0.received.frames
            },
            .ofCameras("evrelay_camera_received_bytes_total", "Bytes of a camera's frames.") { $0.received.bytes },
            .ofCameras("evrelay_camera_takeovers_total", "Publishers that have replaced a camera's live one.") {
                $0.takeovers
            },
            .gauge("evrelay_frame_memory_bytes", "Memory held by frames.") { $0.relay.ledger.usedBytes },
            .gauge("evrelay_frame_memory_limit_bytes", "--frame-memory.") { $0.relay.ledger.limitBytes },
        ]
    }
}
