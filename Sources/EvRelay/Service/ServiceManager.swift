// SPDX-License-Identifier: MIT
import LibEvent
import Logging

/// What the service tells systemd, or whatever else has started it with NOTIFY_SOCKET (sd_notify(3)). Without that
/// variable nothing is told.
///
/// Confined to the control loop.
final class ServiceManager {
    /// How often the watchdog must be fed at least (WATCHDOG_USEC); nil if there is none for this process.
    let watchdogInterval: Duration?
    /// Descriptors that the manager keeps over a restart (FDSTORE); 0 if none.
    let storeSize: Int

    private let socket: NotifySocket?
    private let log: Logger
    private var status = ""
    private var hasFailed = false

    /// - Parameters:
    ///   - environment: the process's own.
    ///   - processID: this process's number, which a watchdog may be meant for.
    init(environment: [String: String], processID: Int32, log: Logger) {
        self.log = log
        if let path = environment["NOTIFY_SOCKET"], !path.isEmpty {
            do throws(LibEventError) {
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

    /// The service serves.
    func ready(status: String) {
        self.status = status
        tell(["READY=1", "STATUS=\(status)"])
    }

    /// What `systemctl status` shows; told when it changes.
    func show(status: String) {
        guard status != self.status else { return }
        self.status = status
        tell(["STATUS=\(status)"])
    }

    /// The settings are being read anew; `ready` follows.
    func reloading(now: Instant) {
        tell(["RELOADING=1", "MONOTONIC_USEC=\(now.nanoseconds / 1000)"])
    }

    /// The service finishes what is under way.
    func stopping() {
        status = "draining"
        tell(["STOPPING=1", "STATUS=\(status)"])
    }

    /// Every loop is alive.
    func feedWatchdog() { tell(["WATCHDOG=1"]) }

    /// Gives descriptors to keep under `name`; false if the manager did not take them.
    func store(_ descriptors: [Descriptor], name: String) -> Bool {
        var rest = descriptors[...]
        while !rest.isEmpty {
            let batch = Array(rest.prefix(NotifySocket.maxDescriptors))
            guard tell(["FDSTORE=1", "FDNAME=\(name)"], descriptors: batch) else { return false }
            rest = rest.dropFirst(batch.count)
        }
        return true
    }

    /// Lets the manager close what it keeps under `name`.
    func forget(name: String) { tell(["FDSTOREREMOVE=1", "FDNAME=\(name)"]) }

    @discardableResult
    private func tell(_ lines: [String], descriptors: [Descriptor] = []) -> Bool {
        guard let socket else { return false }
        do throws(LibEventError) {
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
