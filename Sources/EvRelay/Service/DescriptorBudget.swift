// SPDX-License-Identifier: MIT
import LibEvent
import Logging
import System

/// The number of connections that the process's descriptors allow.
struct DescriptorBudget: Equatable {
    /// The limit of open descriptors.
    let limit: Int
    /// Descriptors that the process needs for itself: standard streams, and per loop an epoll, an eventfd, listeners
    /// and the refusals under way.
    let reserved: Int

    init(limit: Int, loops: Int) {
        self.limit = limit
        reserved = 16 + 8 * loops
    }

    /// Returns the wanted number of connections, or as many as fit if that is less; at least one.
    func connections(atMost wanted: Int) -> Int {
        max(1, min(wanted, limit - reserved))
    }

    /// Raises the descriptor limit as far as the process may. Returns the configured number of connections, or as many
    /// as fit if that is less, and logs a warning then.
    static func connections(_ configuration: Configuration, _ log: Logger) -> Int {
        let budget = DescriptorBudget(limit: ProcessControl.raiseDescriptorLimit(), loops: configuration.threads)
        let wanted = configuration.limits.maxConnections
        let possible = budget.connections(atMost: wanted)
        if possible < wanted {
            log.warning(
                "the descriptor limit allows fewer connections than --max-connections",
                metadata: [
                    "descriptors": .stringConvertible(budget.limit), "connections": .stringConvertible(possible),
                    "max-connections": .stringConvertible(wanted),
                ])
        }
        return possible
    }
}
