// SPDX-License-Identifier: MIT
import Glibc
import System

/// Descriptors far above those that other tests of this process use, so that a closed number is not reused at once.
enum HighDescriptor {
    /// Opens a socket at exactly this number, which must be free.
    static func open(at number: Int32) throws {
        guard !isOpen(number) else { throw SystemError("open", subject: "\(number)", code: EBUSY) }
        let made = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { _ = close(made) }
        guard dup2(made, number) == number else { throw SystemError("dup2", subject: "\(number)", code: errno) }
    }

    static func isOpen(_ number: Int32) -> Bool { fcntl(number, F_GETFD) >= 0 }

    /// Returns the inode of a descriptor without the code under test.
    static func inode(of number: Int32) -> UInt64? {
        var status = stat()
        return unsafe fstat(number, &status) == 0 ? UInt64(status.st_ino) : nil
    }
}
