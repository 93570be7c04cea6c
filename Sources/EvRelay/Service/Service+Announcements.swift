// SPDX-License-Identifier: MIT
import LibEvent
import Logging

// What the service says of itself: in the log, and to the service manager.
extension Service {
    /// - Parameter access: who may do what.
    func announceStart(_ access: AccessControl) {
        let metadata: Logger.Metadata = [
            "version": "\(Version.current)", "libevent": "\(EventLoop.libraryVersion)",
            "threads": .stringConvertible(relay.loops),
            "max-connections": .stringConvertible(relay.connections.maxConnections), "server": "\(relay.serverID)",
        ]
        log.notice("starting", metadata: metadata.merging(access.summary) { $1 })
    }

    /// Who may do what from now on.
    func announce(_ access: AccessControl) { log.notice("access", metadata: access.summary) }

    /// What is served with TLS.
    func announceCertificates() {
        let now = SystemClock.nowMicroseconds() / 1_000_000
        for pair in relay.tls.context?.pairs ?? [] { pair.announce(to: log, nowSeconds: now) }
    }

    /// The line that scripts and people wait for; from here on connections are accepted.
    func announceAddresses() {
        for address in addresses {
            log.notice("listening", metadata: ["address": "\(address.text)", "url": "\(address.url)"])
        }
    }

    /// What `systemctl status` shows.
    var status: String {
        let live = relay.registry.summaries(now: SystemClock.monotonic()).count { $0.state == .live }
        let viewers = relay.viewers.taken
        return "\(live) \(live == 1 ? "camera" : "cameras") live, \(viewers) \(viewers == 1 ? "viewer" : "viewers")"
    }
}

extension Camera.Announcement {
    /// The line of this change; with the last of them what the camera has sent.
    func write(to log: VisitorLog) {
        var metadata: Logger.Metadata = ["camera.id": "\(camera)"]
        if state == .offline {
            metadata["frames"] = .stringConvertible(session.frames)
            metadata["bytes"] = .stringConvertible(session.bytes)
            metadata["duration.ms"] = .stringConvertible(session.duration.wholeMilliseconds)
        }
        log.note(VisitorEvent(state), metadata)
    }
}

extension AccessControl {
    /// Who may do what, and how many keys were read.
    fileprivate var summary: Logger.Metadata {
        [
            "publishing": "\(publishing.rawValue)", "viewing": "\(viewing.rawValue)",
            "keys": .stringConvertible(keyCount), "links": "\(hasTokens ? "signed" : "none")",
        ]
    }
}
