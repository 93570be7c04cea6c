// SPDX-License-Identifier: MIT
import LibEvent
import Logging

extension Service {
    /// Reads the settings anew and lets those hold that may change while the service runs. With an error in them all stay
    /// as they are.
    func reload() {
        manager.reloading(now: SystemClock.monotonic())
        defer { manager.ready(status: status) }
        guard let loader = surroundings.loader else { return }
        let read: Configuration
        do throws(ConfigurationError) {
            read = try loader.load()
        } catch {
            relay.metrics.reloads.add("error")
            log.error("reload failed", metadata: ["error": "\(error.message)", "settings": "unchanged"])
            return
        }
        let reload = Reload(running: configuration, read: read)
        configuration = reload.configuration
        surroundings.threshold?.set(configuration.logLevel)
        relay.apply(configuration, maxConnections: DescriptorBudget.connections(configuration, log))
        relay.metrics.reloads.add("ok")
        log.notice("reloaded", metadata: ["changed": "\(reload.changed.joined(separator: ","))"])
        if !reload.needsRestart.isEmpty {
            log.warning(
                "some settings change only with a restart",
                metadata: ["settings": "\(reload.needsRestart.joined(separator: ","))"])
        }
    }
}
