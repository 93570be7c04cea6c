// SPDX-License-Identifier: MIT
import LibEvent
import System

/// The inputs of the service other than its configuration. Tests start it with none.
struct Surroundings {
    /// The environment, which tells how the service manager is reached.
    var environment: [String: String] = [:]
    /// The descriptors that the service manager passes.
    var passed = PassedDescriptors()
    /// The loader that reads the settings anew for a reload; nil if they cannot change.
    var loader: ConfigurationLoader?
    /// The least serious level that is logged, which a reload may change.
    var threshold: LogThreshold?
    /// The writer in which log lines wait for standard error.
    var lineWriter: LineWriter?
}
