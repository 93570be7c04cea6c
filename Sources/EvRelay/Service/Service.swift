// SPDX-License-Identifier: MIT
import LibEvent
import Logging

/// The running program: its workers, and the control loop that watches over them.
///
/// Confined to the thread that made it, which `run()` turns into the control loop. Other threads use `remote`.
final class Service {
    /// Where the service listens.
    let addresses: [BoundAddress]
    /// Reaches the service from other threads.
    let remote = ServiceRemote()

    private let relay: Relay
    private let loop: EventLoop
    private let log: Logger
    private let listeners: Listeners
    private var shutdown: ShutdownState
    private var failure: ServiceError?
    private var signals: [SignalSource] = []
    private var wakeup: Wakeup?
    private var sweepTimer: LoopTimer?
    private var drainTimer: LoopTimer?

    private static let sweepInterval = Duration.seconds(1)
    private static let sigInt: Int32 = 2
    private static let sigTerm: Int32 = 15

    /// Opens the listening sockets and reads what must be readable. Nothing is served yet.
    init(_ configuration: Configuration, log: Logger) throws(ServiceError) {
        self.log = log
        SignalSource.ignoreBrokenPipes()
        let descriptors = DescriptorBudget(limit: ProcessControl.raiseDescriptorLimit(), loops: configuration.threads)
        let maxConnections = descriptors.connections(atMost: configuration.limits.maxConnections)
        if maxConnections < configuration.limits.maxConnections {
            log.warning(
                "the descriptor limit allows fewer connections than --max-connections",
                metadata: [
                    "descriptors": "\(descriptors.limit)", "connections": "\(maxConnections)",
                    "max-connections": "\(configuration.limits.maxConnections)",
                ])
        }
        relay = Relay(configuration, maxConnections: maxConnections, log: log)
        if let path = configuration.webRoot {
            guard FileContents.isReadableDirectory(path) else { throw .noWebRoot(path) }
            guard relay.webFiles.file(at: "/") != nil else { throw .noPages(path) }
        }
        listeners = try Listeners(
            configuration.listen, loops: configuration.threads, stallTimeout: configuration.timeouts.stall)
        addresses = listeners.addresses
        shutdown = ShutdownState(workers: configuration.threads)
        do throws(LibEventError) {
            loop = try EventLoop()
        } catch {
            throw .cannotStart(error)
        }
    }

    /// Serves until a signal or `remote` ends it.
    /// - Parameter handlesSignals: false where another part of the process has SIGTERM and SIGINT, as in tests.
    /// - Throws: if a worker fails; everything has ended then too.
    func run(handlesSignals: Bool) throws(ServiceError) {
        do throws(LibEventError) {
            try prepare(handlesSignals: handlesSignals)
        } catch {
            throw .cannotStart(error)
        }
        announceStart()
        var threads: [WorkerThread] = []
        for (index, sockets) in listeners.byLoop.enumerated() {
            do throws(LibEventError) {
                threads.append(
                    try WorkerThread(relay, index: index, sockets: sockets) { [remote] in remote.deliver(.worker($0)) })
            } catch {
                workerFailed(error)
            }
        }
        if failure == nil { announceAddresses() }
        loop.run()
        for thread in threads { thread.join() }
        listeners.removeFiles()
        remote.close()
        wakeup?.close()
        if let failure { throw failure }
        log.notice("stopped")
    }

    private func prepare(handlesSignals: Bool) throws(LibEventError) {
        if handlesSignals {
            for signal in [Self.sigTerm, Self.sigInt] {
                signals.append(
                    try SignalSource(signal, on: loop) { [unowned self] in
                        log.notice(
                            "signal received", metadata: ["signal": "\(signal == Self.sigTerm ? "SIGTERM" : "SIGINT")"])
                        act(shutdown.shutdownRequested(signal: signal))
                    })
            }
        }
        let wakeup = try Wakeup(on: loop) { [unowned self] in readMail() }
        self.wakeup = wakeup
        let sweep = try LoopTimer(on: loop, isRepeating: true) { [unowned self] in sweepCameras() }
        sweep.start(after: Self.sweepInterval)
        sweepTimer = sweep
        drainTimer = try LoopTimer(on: loop, isRepeating: false) { [unowned self] in
            log.warning("drain time is over", metadata: ["connections": "\(relay.connections.openConnections)"])
            act(shutdown.deadlinePassed())
        }
        remote.open(wakeup)
    }

    private func announceStart() {
        log.notice(
            "starting",
            metadata: [
                "version": "\(Version.current)", "libevent": "\(EventLoop.libraryVersion)",
                "backend": "\(loop.backend)", "threads": "\(relay.configuration.threads)",
                "max-connections": "\(relay.connections.maxConnections)", "server": "\(relay.serverID)",
                "publishing": "\(relay.configuration.isPublishingOpen ? "open to everybody" : "this machine only")",
            ])
    }

    /// The line that scripts and people wait for; from here on connections are accepted.
    private func announceAddresses() {
        for address in addresses {
            log.notice("listening", metadata: ["address": "\(address.text)", "url": "\(address.url)"])
        }
    }

    private func readMail() {
        for message in remote.take() {
            switch message {
            case .shutdown: act(shutdown.shutdownRequested(signal: nil))
            case .worker(.drained): act(shutdown.workerDrained())
            case .worker(.failed(let error)): workerFailed(error)
            }
        }
    }

    private func workerFailed(_ error: LibEventError) {
        failure = .cannotStart(error)
        act(shutdown.workerFailed())
    }

    private func act(_ action: ShutdownState.Action) {
        switch action {
        case .nothing: break
        case .drain:
            log.notice("draining", metadata: ["connections": "\(relay.connections.openConnections)"])
            relay.beginDraining()
            drainTimer?.start(after: max(.milliseconds(1), relay.configuration.timeouts.drain))
            for inbox in relay.inboxes { inbox.askToDrain() }
        case .stop:
            for inbox in relay.inboxes { inbox.askToStop() }
            loop.stop()
        case .exit(let status):
            log.warning("ending at once")
            ProcessControl.exitNow(status)
        }
    }

    private func sweepCameras() {
        let (changed, forgotten) = relay.registry.sweep(now: SystemClock.monotonic())
        for (camera, state) in changed {
            log.info("camera \(state.rawValue)", metadata: ["camera.id": "\(camera)"])
        }
        for camera in forgotten { log.info("camera forgotten", metadata: ["camera.id": "\(camera)"]) }
    }
}

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
}
