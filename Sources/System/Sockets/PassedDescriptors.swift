// SPDX-License-Identifier: MIT
import Glibc

/// The descriptors that systemd passes to a service: sockets of its socket units, and descriptors that it kept for the
/// service over a restart (sd_listen_fds(3), "File Descriptor Store" in systemd's documentation).
public struct PassedDescriptors: Sendable {
    /// One descriptor and its name.
    public struct Entry: Sendable {
        /// `FileDescriptorName=` of the socket unit, or FDNAME of the stored one; "unknown" if systemd gave none.
        public let name: String
        /// The descriptor.
        public let descriptor: Descriptor
    }

    /// The descriptors in the order in which they were passed.
    public let entries: [Entry]

    /// The first descriptor that is passed, by sd_listen_fds(3).
    private static let first: Int32 = 3
    /// The most descriptors accepted; more would not fit into the environment.
    private static let maxCount: Int32 = 1 << 20

    /// Takes over the descriptors that `environment` announces for this process; none if it announces none, or
    /// announces them for another process.
    ///
    /// Must be called once, before anything else opens descriptors: it owns those numbers from here on.
    public init(environment: [String: String]) {
        self.init(environment: environment, first: Self.first)
    }

    /// - Parameter first: the first descriptor; tests use numbers above 3.
    init(environment: [String: String], first: Int32) {
        guard let process = environment["LISTEN_PID"], Int32(process) == getpid(),
            let text = environment["LISTEN_FDS"], let count = Int32(text), (1...Self.maxCount).contains(count)
        else {
            entries = []
            return
        }
        let names = (environment["LISTEN_FDNAMES"] ?? "").split(separator: ":", omittingEmptySubsequences: false)
        entries = (0..<count).compactMap { index in
            let number = first + index
            // The announced descriptor may have been closed since.
            guard fcntl(number, F_SETFD, FD_CLOEXEC) == 0 else { return nil }
            let position = Int(index)
            let name = names.indices.contains(position) && !names[position].isEmpty ? names[position] : "unknown"
            return Entry(name: String(name), descriptor: Descriptor(owning: number))
        }
    }

    /// Creates a list of these descriptors.
    init(_ entries: [Entry]) { self.entries = entries }

    /// Creates an empty list.
    public init() { entries = [] }
}
