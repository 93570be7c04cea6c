// SPDX-License-Identifier: MIT
import Cameras
import Crypto
import LibEvent
import Logging
import System

/// The running program: its workers, and the control loop that supervises them.
///
/// Confined to the thread that made it, which `run()` turns into the control loop. Other threads use `remote`.
final class Service {
    /// The addresses that the service listens on.
    let addresses: [BoundAddress]
    /// The service's interface for other threads.
    let remote = ServiceRemote()

    let relay: Relay
    let log: Logger
    let manager: ServiceManager
    let surroundings: Surroundings
    /// The configuration in force.
    var configuration: Configuration
    private let features: [any Feature]
    /// The access rules with which the workers begin.
    private let accessAtStart: AccessControl

    private let loop: EventLoop
    private let listeners: Listeners
    private let store: DescriptorStore
    private var shutdown: ShutdownState
    private var watchdog = Watchdog()
    private var trimming = TrimSchedule()
    private var failure: ServiceError?
    private var signals: [SignalSource] = []
    private var wakeup: Wakeup?
    private var timers: [LoopTimer] = []
    private var drainTimer: LoopTimer?
    private var drainEnd = Instant.distantFuture

    private static let sweepInterval = Duration.seconds(1)
    /// The longest time for which a TLS session can be resumed, as ticket keys are renewed this often. Stolen keys
    /// therefore read no older sessions.
    private static let ticketInterval = Duration.seconds(24 * 3600)

    /// Opens the listening sockets and reads the files that a start needs. Nothing is served yet.
    init(
        _ configuration: Configuration, _ surroundings: Surroundings = Surroundings(), features: [any Feature],
        log: Logger
    ) throws(ServiceError) {
        self.log = log
        self.configuration = configuration
        self.surroundings = surroundings
        SignalSource.ignoreBrokenPipes()
        manager = ServiceManager(environment: surroundings.environment, processID: ProcessControl.processID, log: log)
        self.features = features
        relay = Relay(
            configuration, metrics: features.flatMap(\.metrics),
            maxConnections: DescriptorBudget.connections(configuration, log), log: log,
            lineWriter: surroundings.lineWriter)
        let files = try Self.check(configuration, environment: surroundings.environment)
        accessAtStart = files.access
        relay.tls.context = files.tls
        store = DescriptorStore(surroundings.passed)
        listeners = try Listeners(configuration, passed: store.sockets)
        addresses = listeners.addresses
        shutdown = ShutdownState(workers: configuration.threads)
        do throws(SystemError) {
            loop = try EventLoop()
        } catch {
            throw .cannotStart(error)
        }
    }

    /// Serves until a signal or `remote` ends it.
    /// - Parameter handlesSignals: false if another part of the process handles the signals, as in tests.
    /// - Throws: if the control loop cannot be prepared, or a worker fails. No worker runs any more then.
    func run(handlesSignals: Bool) throws(ServiceError) {
        do throws(SystemError) {
            try prepare(handlesSignals: handlesSignals)
        } catch {
            throw .cannotStart(error)
        }
        announceStart(accessAtStart)
        announceCertificates()
        let threads = startWorkers(store.restore(into: relay, manager, log))
        if failure == nil {
            announceAddresses()
            manager.ready(status: status)
        }
        loop.run()
        for thread in threads { thread.join() }
        listeners.removeFiles()
        remote.close()
        wakeup?.close()
        DescriptorStore.save(relay, manager, log)
        relay.visitors.writeOwed(isFinal: true)
        if let failure { throw failure }
        log.notice("stopped")
    }

    private func prepare(handlesSignals: Bool) throws(SystemError) {
        if handlesSignals {
            for signal in ServiceSignal.allCases {
                signals.append(try SignalSource(signal.number, on: loop) { [weak self] in self?.received(signal) })
            }
        }
        let wakeup = try Wakeup(on: loop) { [weak self] in self?.readMail() }
        self.wakeup = wakeup
        try every(Self.sweepInterval) { [weak self] in self?.sweepCameras() }
        try every(Self.ticketInterval) { [weak self] in self?.renewTicketKeys() }
        if let interval = manager.watchdogInterval {
            try every(interval / Watchdog.turnsPerInterval) { [weak self] in self?.feedWatchdog() }
        }
        drainTimer = try LoopTimer(on: loop, isRepeating: false) { [weak self] in self?.drainTimePassed() }
        remote.open(wakeup)
    }

    private func drainTimePassed() {
        let action = shutdown.deadlinePassed()
        log.log(
            level: action == .stop ? .warning : .notice,
            action == .stop ? "drain time is over" : "requests under way are not waited for any longer",
            metadata: ["connections": .stringConvertible(relay.connections.openConnections)])
        act(action)
    }

    private func every(_ interval: Duration, _ action: @escaping () -> Void) throws(SystemError) {
        let timer = try LoopTimer(on: loop, isRepeating: true, action)
        timer.start(after: interval)
        timers.append(timer)
    }

    private func startWorkers(_ restored: [Handover.Viewer]) -> [WorkerThread] {
        var threads: [WorkerThread] = []
        let table = RouteTable(features.flatMap(\.routes))
        for (index, sockets) in listeners.byLoop.enumerated() {
            // Dealt out in turn: the order of the viewers has no meaning.
            let viewers = restored.indices.filter { $0 % relay.loops == index }.map { restored[$0] }
            let start = Worker.Start(
                httpsPort: addresses.first { $0.isEncrypted }?.port,
                sockets: sockets, viewers: viewers, configuration: configuration, access: accessAtStart
            ) { relay, metrics in
                Gatekeeper(relay, metrics, table) { viewer, worker in worker.restore(viewer) }
            }
            do throws(SystemError) {
                threads.append(
                    try WorkerThread(relay, index: index, start) { [remote] in remote.deliver(.worker($0)) })
            } catch {
                workerFailed(error)
            }
        }
        return threads
    }

    private func received(_ signal: ServiceSignal) {
        log.notice("signal received", metadata: ["signal": "\(signal.name)"])
        switch signal {
        case .hangUp: remote.reload()
        case .terminate, .interrupt: act(shutdown.shutdownRequested(signal: signal.number))
        case .handOver:
            let canHandOver = manager.storeSize > 0
            if !canHandOver { log.info("no descriptor store: viewers' streams end") }
            act(shutdown.shutdownRequested(signal: signal.number, handsOver: canHandOver))
        }
    }

    private func readMail() {
        for message in remote.take() {
            switch message {
            case .shutdown: act(shutdown.shutdownRequested(signal: nil))
            case .reload: if !shutdown.isShuttingDown { reload() }
            case .worker(.requestsFinished): act(shutdown.workerFinishedRequests())
            case .worker(.drained): act(shutdown.workerDrained())
            case .worker(.failed(let error)): workerFailed(error)
            }
        }
    }

    private func workerFailed(_ error: SystemError) {
        failure = .cannotStart(error)
        act(shutdown.workerFailed())
    }

    private func act(_ action: ShutdownState.Action) {
        switch action {
        case .nothing: break
        case .drain:
            log.notice(
                "draining", metadata: ["connections": .stringConvertible(relay.connections.openConnections)])
            manager.stopping()
            relay.beginDraining()
            let drain = configuration.timeouts.drain
            drainEnd = SystemClock.monotonic() + drain
            // The last quarter is for ending the streams.
            drainTimer?.start(after: max(.milliseconds(1), drain / 4 * 3))
            relay.tellWorkers(.drain)
        case .endStreams(let handsOver):
            drainTimer?.start(after: max(.milliseconds(1), drainEnd - SystemClock.monotonic()))
            // One place is for the saved state itself.
            if handsOver { relay.handover.begin(room: manager.storeSize - 1) }
            relay.tellWorkers(.endStreams(handsOver ? .handOver : .finish))
        case .stop:
            relay.tellWorkers(.stop)
            loop.stop()
        case .exit(let status):
            log.warning("ending at once")
            surroundings.lineWriter?.flush(within: .milliseconds(100))
            ProcessControl.exitNow(status)
        }
    }

    private func sweepCameras() {
        relay.hub.sweep(now: SystemClock.monotonic())
        relay.visitors.writeOwed()
        if !shutdown.isShuttingDown { manager.show(status: status) }
        let handshakes = relay.metrics.loops.reduce(0) { $0 + $1.handshakes.values.values.reduce(0, +) }
        let gone = relay.ledger.highestBytes - relay.ledger.usedBytes
        if trimming.isDue(handshakes: handshakes, goneFrameBytes: gone, now: SystemClock.monotonic()) {
            relay.ledger.restartHighest()
            ProcessControl.giveMemoryBack()
        }
    }

    private func feedWatchdog() {
        let turn = watchdog.turn(answers: relay.pulses.map(\.value))
        if turn.isAlive {
            manager.feedWatchdog()
        } else {
            log.error("loops do not answer", metadata: ["loops": .array(turn.silent.map { "\($0)" })])
        }
        relay.tellWorkers(.answer(turn.question))
    }
}
