// SPDX-License-Identifier: MIT
import LibEvent

extension HTTPLimits {
    /// Creates the limits that are configured.
    init(_ configuration: Configuration) {
        let (limits, timeouts) = (configuration.limits, configuration.timeouts)
        self.init(
            maxHeaderBytes: limits.maxHeaderBytes, maxHeaderFields: limits.maxHeaderFields,
            headerTimeout: timeouts.header, idleTimeout: timeouts.idle, stallTimeout: timeouts.stall)
    }
}
