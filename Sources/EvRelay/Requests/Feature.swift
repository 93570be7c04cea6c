// SPDX-License-Identifier: MIT

/// A part of the relay that is added by naming it in `Features`: its routes and metrics, and the state that they need.
///
/// Sendable: all loops share it.
protocol Feature: Sendable {
    /// The rows that the feature adds to the table of routes.
    var routes: [Route] { get }

    /// The rows that the feature adds to `/metrics`.
    var metrics: [Metric] { get }
}

extension Feature {
    var metrics: [Metric] { [] }
}
