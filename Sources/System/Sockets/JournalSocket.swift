// SPDX-License-Identifier: MIT
// For `MSG_DONTWAIT`: in a release build it belongs to the first module that includes its header, which is this one.
internal import CSystem
import Glibc

/// A connection to the journal's own socket, which accepts entries with fields (systemd's native journal protocol).
///
/// Sendable: an entry is sent as one datagram, which the kernel keeps whole, so any thread may send. The socket lives
/// as long as this object.
public final class JournalSocket: Sendable {
    /// The path on which systemd-journald listens.
    public static let systemPath = "/run/systemd/journal/socket"

    private let descriptor: Int32

    /// Connects to the datagram socket at `path`.
    /// - Throws: if nothing listens there.
    public init(path: String = JournalSocket.systemPath) throws(SystemError) {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError("socket", subject: path, code: errno) }
        self.descriptor = descriptor
        // Safe: connect reads the address, whose length comes with it.
        let code = try unsafe ClientAddress.unix(path: path).withSocketAddress { address, length in
            unsafe connect(descriptor, address, length) == 0 ? 0 : errno
        }
        guard code == 0 else { throw SystemError("connect", subject: path, code: code) }
    }

    deinit { close(descriptor) }

    /// Sends one entry without waiting.
    /// - Returns: false if the journal did not take it: it is busy or gone, or the entry is longer than a datagram may
    ///   be.
    public func send(_ entry: [UInt8]) -> Bool {
        // Safe: the kernel reads as many bytes as the array has.
        let sent = unsafe entry.withUnsafeBytes { bytes in
            unsafe Glibc.send(
                descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        }
        return sent == entry.count
    }
}
