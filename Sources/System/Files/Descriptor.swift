// SPDX-License-Identifier: MIT
// For SOCK_STREAM: in a clean build its definition can belong to the first module that includes it, which is this one.
internal import CSystem
import Glibc
import Synchronization

/// An open file descriptor with one owner. It is closed with this object or before, unless it was taken.
///
/// Sendable: any thread may take it; the first one gets it.
public final class Descriptor: Sendable {
    private let number: Atomic<Int32>

    /// Creates the owner of `number`, which must be open.
    public init(owning number: Int32) {
        self.number = Atomic(number)
    }

    /// Creates a second descriptor of the same open file, closed on exec.
    public init(duplicating number: Int32) throws(SystemError) {
        let copy = fcntl(number, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw SystemError("dup", code: errno) }
        self.number = Atomic(copy)
    }

    /// Creates a socket that is never connected: nothing comes from it and nothing goes to it.
    public init(ofUnconnectedSocket: Void) throws(SystemError) {
        let made = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard made >= 0 else { throw SystemError("socket", code: errno) }
        number = Atomic(made)
    }

    /// The number, which this object still owns; -1 once taken.
    public var borrowed: Int32 { number.load(ordering: .relaxed) }

    /// Returns the descriptor, which the caller then closes; -1 if it was taken already.
    public func take() -> Int32 { number.exchange(-1, ordering: .relaxed) }

    /// Closes the descriptor now, even if others refer to this object; does nothing if it was taken.
    public func close() {
        let number = take()
        if number >= 0 { Glibc.close(number) }
    }

    /// The inode, by which another process recognizes the same socket when it is passed; nil once taken.
    public var inode: UInt64? {
        var status = stat()
        guard unsafe fstat(borrowed, &status) == 0 else { return nil }
        return UInt64(status.st_ino)
    }

    deinit { close() }
}

/// A connection's socket on its way to another process.
public struct DetachedSocket: Sendable {
    /// The socket.
    public let descriptor: Descriptor
    /// The bytes that were to be sent next and that the kernel has not taken.
    public let pendingBytes: [UInt8]

    /// Creates the socket of a connection that has ended in this process.
    public init(descriptor: Descriptor, pendingBytes: [UInt8]) {
        self.descriptor = descriptor
        self.pendingBytes = pendingBytes
    }
}
