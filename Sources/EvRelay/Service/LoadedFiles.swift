// SPDX-License-Identifier: MIT
import Crypto
import LibEvent

/// The contents of the files that settings name. They are read together, so that a reload takes all of them or none.
struct LoadedFiles: Sendable {
    /// Keys and the secret of links.
    let access: AccessControl
    /// Certificates; nil if none is named.
    let tls: TLSServerContext?

    /// Reads the files. Blocks on the disk; called at the start and on the control loop.
    ///
    /// - Parameters:
    ///   - environment: tells where systemd has put the service's credentials.
    ///   - running: the context in use, whose clients may resume their sessions.
    /// - Throws: an error that names the file at fault.
    init(
        _ configuration: Configuration, _ environment: [String: String], continuing running: TLSServerContext? = nil
    ) throws(ConfigurationError) {
        tls = try Certificates.load(configuration.tls, environment, continuing: running)
        access = try AccessControl.load(
            configuration, environment: environment, certificateNames: (tls?.pairs ?? []).flatMap(\.names))
    }
}
