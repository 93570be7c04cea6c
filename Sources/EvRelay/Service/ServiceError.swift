// SPDX-License-Identifier: MIT
import LibEvent

/// Why the service does not start.
enum ServiceError: Error, Equatable, Sendable {
    /// An address cannot be listened on.
    case cannotListen(LibEventError)
    /// `--web-root` is no folder that can be read.
    case noWebRoot(String)
    /// `--web-root` is a folder without the pages.
    case noPages(String)
    /// `--listen systemd` without sockets from systemd.
    case noSystemdSockets
    /// What systemd has passed is no socket to accept from.
    case unusableSocket(LibEventError)
    /// The machine lacks something every process needs.
    case cannotStart(LibEventError)

    /// The exit status, by sysexits.h: 69 unavailable, 71 operating system error, 78 configuration.
    var exitStatus: Int32 {
        switch self {
        case .cannotListen: 69
        case .cannotStart: 71
        case .noWebRoot, .noPages, .noSystemdSockets, .unusableSocket: 78
        }
    }

    /// What failed and what would be right.
    var message: String {
        switch self {
        case .cannotListen(let error) where error.isAddressInUse:
            "\(error). Another program listens there; choose another address with --listen."
        case .cannotListen(let error): "\(error). Choose another address with --listen."
        case .noWebRoot(let path): "--web-root \(path) is not a folder that can be read."
        case .noPages(let path): "--web-root \(path) has no index.html; it should be a copy of web/."
        case .noSystemdSockets:
            "--listen systemd: systemd passed no sockets. Start the service by its socket unit, or name an address."
        case .unusableSocket(let error):
            "--listen systemd: \(error). Only listening stream sockets can be used (ListenStream= in the socket unit)."
        case .cannotStart(let error): error.description
        }
    }
}
