// SPDX-License-Identifier: MIT
import LibEvent
import Logging

/// How many connections the process's descriptors allow.
struct DescriptorBudget: Equatable {
    /// The limit of open descriptors.
    let limit: Int
    /// What the process needs for itself: standard streams, and per loop an epoll, an eventfd, listeners and the
    /// refusals under way.
    let reserved: Int

    init(limit: Int, loops: Int) {
        self.limit = limit
        reserved = 16 + 8 * loops
    }

    /// The wanted number, or what fits if that is less; at least one.
    func connections(atMost wanted: Int) -> Int {
        max(1, min(wanted, limit - reserved))
    }

    /// The connections that are configured, or what fits if that is less, with a warning. Raises the limit as far as the
    /// process may.
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
