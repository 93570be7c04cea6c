// SPDX-License-Identifier: MIT

/// The version shown by `--version`, `/healthz` and `/cameras`.
enum Version {
    /// The version by semantic versioning; a release changes it here alone.
    static let current = "0.1.0"
}
