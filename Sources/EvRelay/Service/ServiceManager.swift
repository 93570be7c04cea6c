// SPDX-License-Identifier: MIT
import LibEvent
import Logging
import System

/// Reports of the service to systemd, or to any other manager that has started it with NOTIFY_SOCKET (sd_notify(3)).
/// Without that variable nothing is reported.
///
/// Confined to the control loop.
final class ServiceManager {
    /// The longest time between two signs of life for the watchdog (WATCHDOG_USEC); nil if this process has none.
    let watchdogInterval: Duration?
    /// The number of descriptors that the manager can keep over a restart (FDSTORE); 0 if none.
    let storeSize: Int

    private let socket: NotifySocket?
    private let log: Logger
    private var status = ""
    private var hasFailed = false

    /// - Parameters:
    ///   - environment: the process's own environment.
    ///   - processID: the number of this process; a watchdog for another one (WATCHDOG_PID) is ignored.
    init(environment: [String: String], processID: Int32, log: Logger) {
        self.log = log
        if let path = environment["NOTIFY_SOCKET"], !path.isEmpty {
            do throws(SystemError) {
                socket = try NotifySocket(path: path)
            } catch {
                log.warning("cannot reach the service manager", metadata: ["error": "\(error)"])
                socket = nil
            }
        } else {
            socket = nil
        }
        let isOurs = environment["WATCHDOG_PID"].map { $0 == "\(processID)" } ?? true
        let interval = environment["WATCHDOG_USEC"].flatMap { Int64($0) }.flatMap { $0 > 0 ? $0 : nil }
        watchdogInterval = socket != nil && isOurs ? interval.map { .microseconds($0) } : nil
        storeSize = socket == nil ? 0 : max(0, environment["FDSTORE"].flatMap { Int($0) } ?? 0)
    }

    /// Reports that the service serves.
    func ready(status: String) {
        self.status = status
        tell(["READY=1", "STATUS=\(status)"])
    }

    /// Reports the status that `systemctl status` shows, if it has changed.
    func show(status: String) {
        guard status != self.status else { return }
        self.status = status
        tell(["STATUS=\(status)"])
    }

    /// Reports that the settings are being read anew; `ready` must follow.
    func reloading(now: Instant) {
        tell(["RELOADING=1", "MONOTONIC_USEC=\(now.nanoseconds / 1000)"])
    }

    /// Reports that the service finishes the work under way.
    func stopping() {
        status = "draining"
        tell(["STOPPING=1", "STATUS=\(status)"])
    }

    /// Reports that every loop is alive.
    func feedWatchdog() { tell(["WATCHDOG=1"]) }

    /// Gives the manager descriptors to keep under `name`. Returns false if it did not take all of them.
    func store(_ descriptors: [Descriptor], name: String) -> Bool {
        var rest = descriptors[...]
        while !rest.isEmpty {
            let batch = Array(rest.prefix(NotifySocket.maxDescriptors))
            guard tell(["FDSTORE=1", "FDNAME=\(name)"], descriptors: batch) else { return false }
            rest = rest.dropFirst(batch.count)
        }
        return true
    }

    /// Has the manager close the descriptors that it keeps under `name`.
    func forget(name: String) { tell(["FDSTOREREMOVE=1", "FDNAME=\(name)"]) }

    @discardableResult
    private func tell(_ lines: [String], descriptors: [Descriptor] = []) -> Bool {
        guard let socket else { return false }
        do throws(SystemError) {
            try socket.send(lines, descriptors: descriptors)
            hasFailed = false
            return true
        } catch {
            // Once: a manager that has gone would otherwise fill the log.
            if !hasFailed { log.warning("cannot reach the service manager", metadata: ["error": "\(error)"]) }
            hasFailed = true
            return false
        }
    }
}
