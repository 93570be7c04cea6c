// SPDX-License-Identifier: MIT

/// The settings of cameras and the frames that are kept of them.
enum CameraSettings {
    static let rows: [Setting] = [
        .count(
            "max-cameras", .limits(50), \.limits.maxCameras, 1...10_000, "Cameras known at the same time."),
        .frameMemory,
        .staleAfter,
        .offlineAfter,
        .forgetAfter,
    ]
}

extension Setting {
    static let frameMemory = size(
        "frame-memory", .limits(90), \.limits.frameMemoryBytes, (1 << 20)...(64 << 30),
        "All frames held in memory; at least four times --max-frame-bytes.")
    static let staleAfter = time(
        "stale-after", .ages(10), \.ages.stale, .milliseconds(100) ... .hours(1), "From this age a camera is stale.")
    static let offlineAfter = time(
        "offline-after", .ages(20), \.ages.offline, .milliseconds(100) ... .hours(24),
        "From this age a camera is offline; not below --stale-after.")
    static let forgetAfter = time(
        "forget-after", .ages(30), \.ages.forget, .seconds(1) ... .hours(24 * 30),
        "From this age a camera nobody watches is forgotten; not below --offline-after.")
}
