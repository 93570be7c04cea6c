// SPDX-License-Identifier: MIT
import Cameras
import Crypto
import LibEvent
import Logging
import System

// The reports of the service: to the log, and to the service manager.
extension Service {
    /// Logs the start.
    /// - Parameter access: the access rules with which the workers begin.
    func announceStart(_ access: AccessControl) {
        let metadata: Logger.Metadata = [
            "version": "\(Version.current)", "libevent": "\(EventLoop.libraryVersion)",
            "threads": .stringConvertible(relay.loops),
            "max-connections": .stringConvertible(relay.connections.maxConnections), "server": "\(relay.serverID)",
        ]
        log.notice("starting", metadata: metadata.merging(access.summary) { $1 })
    }

    /// Logs the access rules that apply from now on.
    func announce(_ access: AccessControl) { log.notice("access", metadata: access.summary) }

    /// Logs the certificates that are served.
    func announceCertificates() {
        let now = SystemClock.nowMicroseconds() / 1_000_000
        for pair in relay.tls.context?.pairs ?? [] { pair.announce(to: log, nowSeconds: now) }
    }

    /// Logs the addresses, in lines that scripts and people wait for. From here on connections are accepted.
    func announceAddresses() {
        for address in addresses {
            log.notice("listening", metadata: ["address": "\(address.text)", "url": "\(address.url)"])
        }
    }

    /// The status that `systemctl status` shows.
    var status: String {
        let live = relay.hub.summaries(now: SystemClock.monotonic()).count { $0.state == .live }
        let viewers = relay.viewers.taken
        return "\(live) \(live == 1 ? "camera" : "cameras") live, \(viewers) \(viewers == 1 ? "viewer" : "viewers")"
    }
}

extension AccessControl {
    /// The access rules as log values, with the number of keys that were read.
    fileprivate var summary: Logger.Metadata {
        [
            "publishing": "\(publishing.rawValue)", "viewing": "\(viewing.rawValue)",
            "keys": .stringConvertible(keyCount), "links": "\(hasTokens ? "signed" : "none")",
        ]
    }
}
