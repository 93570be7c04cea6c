// SPDX-License-Identifier: MIT
import Cameras
import Crypto
import LibEvent
import Logging
import Synchronization
import System

/// The state that all workers share: the cameras, the limits and the counters.
///
/// Sendable: immutable, except for what its members guard themselves.
final class Relay: Sendable {
    /// The number of event loops.
    let loops: Int
    let hub: CameraHub
    let ledger: ByteLedger
    let connections: ConnectionBudget
    let viewers: PlaceCounter
    /// Places of connections that a doctor measures.
    let doctors: PlaceCounter
    /// The memory of answers that wait to be sent.
    let answers: AnswerBudget
    /// The frames that wait for each loop's viewers.
    let inboxes: [FrameInbox]
    /// Everything else that waits for each loop.
    let mailboxes: [WorkerMailbox]
    let metrics: RelayMetrics
    /// The last number with which each loop has answered the watchdog.
    let pulses: [Counter]
    /// Viewers on their way to the next process.
    let handover = Handover()
    /// The TLS context of new connections.
    let tls = TLSSwitch()
    /// Counts of wrong keys, by address.
    let failures = FailureGuard()
    let log: Logger
    /// The log of events that visitors cause.
    let visitors: VisitorLog
    /// The writer in which log lines wait for standard error; nil if the log goes elsewhere.
    let lineWriter: LineWriter?
    /// Sixteen hexadecimal digits that change with every start. Pages notice a restart by them.
    let serverID: String
    /// The start of the process, in microseconds since 1970.
    let startedMicroseconds = SystemClock.nowMicroseconds()
    private let draining = Atomic<Bool>(false)

    /// - Parameters:
    ///   - metrics: the rows of `/metrics`.
    ///   - maxConnections: the configured limit, or less if the descriptor limit does not allow it.
    init(
        _ configuration: Configuration, metrics rows: [Metric], maxConnections: Int, log: Logger,
        lineWriter: LineWriter? = nil
    ) {
        let limits = configuration.limits
        self.lineWriter = lineWriter
        let visitors = VisitorLog(log)
        self.visitors = visitors
        loops = configuration.threads
        self.log = log
        inboxes = (0..<loops).map { _ in FrameInbox(keeping: .latest) }
        let mailboxes = (0..<loops).map { _ in WorkerMailbox() }
        self.mailboxes = mailboxes
        pulses = (0..<loops).map { _ in Counter() }
        metrics = RelayMetrics(loops: loops, rows)
        ledger = ByteLedger(limitBytes: limits.frameMemoryBytes)
        hub = CameraHub(
            CameraHub.Settings(configuration), ledger: ledger, observers: [{ visitors.note($0) }],
            memoryIsShort: { for mailbox in mailboxes { mailbox.put(.shed) } })
        connections = ConnectionBudget(
            maxConnections: maxConnections, maxPerAddress: limits.maxConnectionsPerAddress)
        viewers = PlaceCounter(limit: limits.maxViewers)
        doctors = PlaceCounter(limit: limits.maxDoctors)
        answers = AnswerBudget(
            maxBytes: limits.answerMemoryBytes, maxBytesPerConnection: limits.maxPendingAnswerBytes)
        let digits = String(ProcessControl.randomNumber(), radix: 16)
        serverID = String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Applies the settings that a running service may change. Each loop receives them by mail.
    /// - Parameter maxConnections: the configured limit, or less if the descriptor limit does not allow it.
    func apply(_ configuration: Configuration, _ access: AccessControl, maxConnections: Int) {
        let limits = configuration.limits
        hub.settings = CameraHub.Settings(configuration)
        ledger.limitBytes = limits.frameMemoryBytes
        connections.setLimits(maxConnections: maxConnections, maxPerAddress: limits.maxConnectionsPerAddress)
        viewers.limit = limits.maxViewers
        doctors.limit = limits.maxDoctors
        answers.setLimits(maxBytes: limits.answerMemoryBytes, maxBytesPerConnection: limits.maxPendingAnswerBytes)
        tellWorkers(.apply(configuration, access))
    }

    /// Leaves `mail` for every worker.
    func tellWorkers(_ mail: WorkerMail) {
        for mailbox in mailboxes { mailbox.put(mail) }
    }

    /// True once the service shuts down. Long-lived requests (streams, streaming uploads, waits) are then refused.
    var isDraining: Bool { draining.load(ordering: .relaxed) }

    /// Refuses long-lived requests from now on.
    func beginDraining() { draining.store(true, ordering: .relaxed) }
}
