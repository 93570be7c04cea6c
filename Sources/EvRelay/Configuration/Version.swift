// SPDX-License-Identifier: MIT

/// The version that `--version`, `/healthz` and `/cameras` give.
enum Version {
    /// Semantic versioning; a release changes it here alone.
    static let current = "0.1.0"
}
