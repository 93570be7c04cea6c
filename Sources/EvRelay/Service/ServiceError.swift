// SPDX-License-Identifier: MIT
import LibEvent
import System

/// The reason for which the service does not start.
enum ServiceError: Error, Equatable, Sendable {
    /// The service cannot listen on an address.
    case cannotListen(SystemError, flag: String)
    /// `--web-root` is not a folder that can be read.
    case noWebRoot(String)
    /// `--web-root` is a folder without the pages.
    case noPages(String)
    /// `systemd` is among the addresses, but systemd has passed no sockets.
    case noSystemdSockets(flag: String)
    /// A descriptor that systemd has passed is not a socket to accept from.
    case unusableSocket(SystemError, flag: String)
    /// A file that a setting names cannot be used, or the settings do not match its contents.
    case wrongConfiguration(ConfigurationError)
    /// The machine lacks something every process needs.
    case cannotStart(SystemError)

    /// The exit status, by sysexits.h: 69 unavailable, 71 operating system error, 78 configuration.
    var exitStatus: Int32 {
        switch self {
        case .cannotListen: 69
        case .cannotStart: 71
        case .wrongConfiguration(let error): error.exitStatus
        case .noWebRoot, .noPages, .noSystemdSockets, .unusableSocket: 78
        }
    }

    /// A message for people: what failed, and what would be accepted.
    var message: String {
        switch self {
        case .cannotListen(let error, let flag) where error.isAddressInUse:
            "\(error). Another program listens there; choose another address with \(flag)."
        case .cannotListen(let error, let flag): "\(error). Choose another address with \(flag)."
        case .noWebRoot(let path): "--web-root \(path) is not a folder that can be read."
        case .noPages(let path): "--web-root \(path) has no index.html; it should be a copy of web/."
        case .noSystemdSockets(let flag):
            "\(flag) systemd: systemd passed no sockets for it. Start the service by its socket unit, or name an address."
        case .unusableSocket(let error, let flag):
            "\(flag) systemd: \(error). Only listening stream sockets can be used (ListenStream= in the socket unit)."
        case .wrongConfiguration(let error): error.message
        case .cannotStart(let error): error.description
        }
    }
}
