// SPDX-License-Identifier: MIT
internal import CLibEvent
import Glibc

/// The questions that a connection asks the kernel about its socket, and the end of its sending.
///
/// Confined to one event loop. The descriptor belongs to the connection's buffer.
struct ConnectionSocket {
    let descriptor: Int32
    /// True for a unix socket, whose peer can read even after the sender has gone.
    let isUnix: Bool

    /// True if the kernel holds bytes of the peer that this turn of the loop has not read yet.
    var hasUnreadBytes: Bool {
        var byte: UInt8 = 0
        let flags = Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)
        return unsafe recv(descriptor, &byte, 1, flags) > 0
    }

    /// The number of bytes handed to the kernel that the peer's system has not acknowledged; 0 for a unix socket.
    var unacknowledgedByteCount: Int { isUnix ? 0 : unsentByteCount }

    /// The number of bytes handed to the kernel that have not reached the peer, as the kernel counts them.
    var unsentByteCount: Int {
        var count: Int32 = 0
        return unsafe ioctl(descriptor, UInt(TIOCOUTQ), &count) == 0 ? Int(count) : 0
    }

    /// Tells the peer that nothing follows.
    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Sends a last answer past any TLS, and ends the sending. Drops up to `maxUnreadBytes` that the peer has sent:
    /// unread, they would reset the connection, and the answer with it.
    func sendLast(_ bytes: [UInt8], maxUnreadBytes: Int) {
        let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
        _ = unsafe send(descriptor, bytes, bytes.count, flags)
        endSending()
        var dropped = [UInt8](repeating: 0, count: maxUnreadBytes)
        _ = unsafe recv(descriptor, &dropped, dropped.count, Int32(MSG_DONTWAIT))
    }
}
