// SPDX-License-Identifier: MIT

/// The settings of uploads.
enum UploadSettings {
    static let rows: [Setting] = [
        .word(
            "takeover", .access(60), \.takeover, "What a second publisher of a camera does: take over, or be refused.",
            valueName: "way"),
        .maxFrameBytes,
        .time(
            "body-timeout", .times(20), \.timeouts.body, .milliseconds(100) ... .hours(1),
            "For the whole body of an upload, or from frame to frame of a streaming one."),
    ]
}

extension Setting {
    static let maxFrameBytes = size(
        "max-frame-bytes", .limits(80), \.limits.maxFrameBytes, (1 << 10)...(64 << 20), "One frame.")
}
