// SPDX-License-Identifier: MIT

/// The settings of viewers' streams.
enum StreamSettings {
    static let rows: [Setting] = [
        .count(
            "max-viewers", .limits(30), \.limits.maxViewers, 1...1_000_000, "Viewers of all cameras together."),
        .count(
            "max-viewers-per-camera", .limits(40), \.limits.maxViewersPerCamera, 1...1_000_000,
            "Viewers of one camera."),
        .time(
            "stall-timeout", .times(40), \.timeouts.stall, .milliseconds(100) ... .hours(1),
            "A viewer that accepts no byte for this long is disconnected."),
        .time(
            "repeat-after", .ages(40), \.ages.repeatLatest, .milliseconds(100) ... .hours(1),
            "A still scene's latest frame is sent again after this."),
    ]
}
