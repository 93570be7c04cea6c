// SPDX-License-Identifier: MIT

/// The settings of the doctor's measurements.
enum EchoSettings {
    static let rows: [Setting] = [
        .count(
            "max-doctors", .limits(120), \.limits.maxDoctors, 0...10_000,
            "The doctor's streams, echoes and WebSockets at a time.")
    ]
}
