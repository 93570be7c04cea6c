// SPDX-License-Identifier: MIT

/// The signals that the service handles, with their numbers on Linux (signal(7)).
enum ServiceSignal: CaseIterable, Sendable {
    /// Reads the settings anew.
    case hangUp
    /// Finishes the work under way and ends.
    case terminate
    /// Does the same as `terminate`, typed as Ctrl-C.
    case interrupt
    /// Does the same, but leaves the viewers to the next process. systemd sends it before a restart
    /// (RestartKillSignal=).
    case handOver

    var number: Int32 {
        switch self {
        case .hangUp: 1
        case .terminate: 15
        case .interrupt: 2
        case .handOver: 12
        }
    }

    /// The name of the signal in logs.
    var name: String {
        switch self {
        case .hangUp: "SIGHUP"
        case .terminate: "SIGTERM"
        case .interrupt: "SIGINT"
        case .handOver: "SIGUSR2"
        }
    }
}
