// SPDX-License-Identifier: MIT
import Cameras
import Crypto
import LibEvent
import Logging
import System

extension Service {
    /// Reads the settings anew and applies those that a running service may change. On any error nothing changes.
    func reload() {
        manager.reloading(now: SystemClock.monotonic())
        defer { manager.ready(status: status) }
        guard let loader = surroundings.loader else { return }
        let reload: Reload
        let files: LoadedFiles
        do throws(ConfigurationError) {
            reload = Reload(running: configuration, read: try loader.load())
            // Before anything changes: a bad file must not leave half of the old settings.
            files = try LoadedFiles(
                reload.configuration, surroundings.environment, continuing: relay.tls.context)
        } catch {
            relay.metrics.reloads.add("error")
            log.error("reload failed", metadata: ["error": "\(error.message)", "settings": "unchanged"])
            return
        }
        configuration = reload.configuration
        relay.tls.context = files.tls
        announceCertificates()
        surroundings.threshold?.set(configuration.logLevel)
        relay.apply(configuration, files.access, maxConnections: DescriptorBudget.connections(configuration, log))
        relay.metrics.reloads.add("ok")
        announce(files.access)
        log.notice("reloaded", metadata: ["changed": "\(reload.changed.joined(separator: ","))"])
        if !reload.needsRestart.isEmpty {
            log.warning(
                "some settings change only with a restart",
                metadata: ["settings": "\(reload.needsRestart.joined(separator: ","))"])
        }
    }

    /// Renews the keys of tickets. A client that returns with an old ticket makes a full handshake.
    func renewTicketKeys() {
        guard let running = relay.tls.context, let renewed = try? TLSServerContext(running.pairs) else { return }
        relay.tls.context = renewed
    }
}
