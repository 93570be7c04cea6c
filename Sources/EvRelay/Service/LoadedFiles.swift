// SPDX-License-Identifier: MIT
import LibEvent

/// What the files hold that settings name: read together, so that a reload takes all of them or none.
struct LoadedFiles: Sendable {
    /// Keys and the secret of links.
    let access: AccessControl
    /// Certificates; nil where none is named.
    let tls: TLSServerContext?

    /// Reads them. Blocks on the disk: at the start and on the control loop.
    ///
    /// - Parameters:
    ///   - environment: says where systemd has put the service's credentials.
    ///   - running: what is served with now, whose clients go on with their sessions.
    /// - Throws: with the file that is at fault.
    init(
        _ configuration: Configuration, _ environment: [String: String], continuing running: TLSServerContext? = nil
    ) throws(ConfigurationError) {
        tls = try Certificates.load(configuration.tls, environment, continuing: running)
        access = try AccessControl.load(
            configuration, environment: environment, certificateNames: (tls?.pairs ?? []).flatMap(\.names))
    }
}
