// SPDX-License-Identifier: MIT
import LibEvent
import Logging
import Synchronization

/// What all workers share: the cameras, the counters and the configuration.
///
/// Sendable: immutable but for what its members guard themselves.
final class Relay: Sendable {
    let configuration: Configuration
    let registry: CameraRegistry
    let publisher: Publisher
    let ledger: ByteLedger
    let connections: ConnectionBudget
    let viewers: ViewerBudget
    let inboxes: [WorkerInbox]
    let webFiles: WebFiles
    let log: Logger
    /// Sixteen hexadecimal digits that change with every start, by which pages notice a restart.
    let serverID: String
    private let draining = Atomic<Bool>(false)

    /// - Parameter maxConnections: the configured limit, or what the descriptor limit leaves of it.
    init(_ configuration: Configuration, maxConnections: Int, log: Logger) {
        let limits = configuration.limits
        let ages = configuration.ages
        self.configuration = configuration
        self.log = log
        inboxes = (0..<configuration.threads).map { _ in WorkerInbox() }
        registry = CameraRegistry(
            loops: configuration.threads, maxCameras: limits.maxCameras,
            status: CameraStatus(staleAfter: ages.stale, offlineAfter: ages.offline, forgetAfter: ages.forget))
        ledger = ByteLedger(limitBytes: limits.frameMemoryBytes)
        connections = ConnectionBudget(
            maxConnections: maxConnections, maxPerAddress: limits.maxConnectionsPerAddress)
        viewers = ViewerBudget(maxViewers: limits.maxViewers)
        publisher = Publisher(
            registry: registry, ledger: ledger, maxCameras: limits.maxCameras, inboxes: inboxes, log: log)
        webFiles = WebFiles(root: configuration.webRoot)
        let digits = String(ProcessControl.randomNumber(), radix: 16)
        serverID = String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// True once the service shuts down: uploads are refused.
    var isDraining: Bool { draining.load(ordering: .relaxed) }

    /// Refuses uploads from now on.
    func beginDraining() { draining.store(true, ordering: .relaxed) }
}

/// Counts the viewers of all cameras on all loops.
///
/// Sendable: any loop may admit and release at any time.
final class ViewerBudget: Sendable {
    let maxViewers: Int
    private let count = Atomic<Int>(0)

    init(maxViewers: Int) {
        self.maxViewers = maxViewers
    }

    /// Viewers now.
    var viewers: Int { count.load(ordering: .relaxed) }

    /// Counts one more, unless there are as many as allowed.
    func admit() -> Bool {
        if count.wrappingAdd(1, ordering: .relaxed).newValue <= maxViewers { return true }
        release()
        return false
    }

    /// Takes back what `admit` counted.
    func release() { count.wrappingSubtract(1, ordering: .relaxed) }
}
