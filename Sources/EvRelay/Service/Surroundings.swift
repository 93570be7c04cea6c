// SPDX-License-Identifier: MIT
import LibEvent

/// What the service is started with beside its configuration. Tests start it with nothing.
struct Surroundings {
    /// The environment, by which the service manager tells how it is reached.
    var environment: [String: String] = [:]
    /// The descriptors that the service manager passes.
    var passed = PassedDescriptors()
    /// Reads the settings anew for a reload; nil where they cannot change.
    var loader: ConfigurationLoader?
    /// The least serious level that is logged, which a reload may change.
    var threshold: LogThreshold?
    /// Where log lines wait for standard error.
    var lineWriter: LineWriter?
}
