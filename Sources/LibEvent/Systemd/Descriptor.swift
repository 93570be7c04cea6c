// SPDX-License-Identifier: MIT
// For SOCK_STREAM: in a clean build its definition can belong to the first module that includes it, which is this one.
internal import CLibEvent
import Glibc
import Synchronization

/// An open file descriptor with one owner: closed when this object goes, or before, unless somebody has taken it.
///
/// Sendable: whoever takes it first has it, from any thread.
public final class Descriptor: Sendable {
    private let number: Atomic<Int32>

    /// Takes over `number`, which must be open.
    init(owning number: Int32) {
        self.number = Atomic(number)
    }

    /// A second descriptor of the same open file, closed on exec.
    init(duplicating number: Int32) throws(LibEventError) {
        let copy = fcntl(number, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw LibEventError("dup", code: errno) }
        self.number = Atomic(copy)
    }

    /// A socket that nothing comes from and nothing goes to.
    init(ofUnconnectedSocket: Void) throws(LibEventError) {
        let made = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard made >= 0 else { throw LibEventError("socket", code: errno) }
        number = Atomic(made)
    }

    /// The number, which stays this object's; -1 once taken.
    var borrowed: Int32 { number.load(ordering: .relaxed) }

    /// Hands the descriptor over to who will close it; -1 if somebody has it already.
    func take() -> Int32 { number.exchange(-1, ordering: .relaxed) }

    /// Closes the descriptor now, whoever else refers to this object; does nothing if somebody has taken it.
    public func close() {
        let number = take()
        if number >= 0 { Glibc.close(number) }
    }

    /// The inode, by which another process that is passed the same socket knows it again; nil once taken.
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
    /// What was to be sent next and the kernel has not taken.
    public let pendingBytes: [UInt8]
}
