// SPDX-License-Identifier: MIT

/// The signals that the service takes, by their numbers on Linux (signal(7)).
enum ServiceSignal: CaseIterable, Sendable {
    /// Read the settings anew.
    case hangUp
    /// Finish what is under way and end.
    case terminate
    /// The same, typed as Ctrl-C.
    case interrupt
    /// The same, but leave viewers to the next process: what systemd sends before a restart (RestartKillSignal=).
    case handOver

    var number: Int32 {
        switch self {
        case .hangUp: 1
        case .terminate: 15
        case .interrupt: 2
        case .handOver: 12
        }
    }

    /// As it is called in logs.
    var name: String {
        switch self {
        case .hangUp: "SIGHUP"
        case .terminate: "SIGTERM"
        case .interrupt: "SIGINT"
        case .handOver: "SIGUSR2"
        }
    }
}
