// SPDX-License-Identifier: MIT
import Glibc
import System

/// The file of a unix socket, identified by its device and inode.
struct SocketFile: Sendable {
    private let path: String
    private let device: UInt
    private let inode: UInt

    /// Identifies the socket file at `path`; nil if there is none.
    init?(path: String) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
        self.path = path
        device = UInt(status.st_dev)
        inode = UInt(status.st_ino)
    }

    /// Removes the file if the path still has this inode.
    func remove() {
        guard let now = SocketFile(path: path), now.device == device, now.inode == inode else { return }
        _ = unsafe unlink(path)
    }

    /// Removes the socket file that an ended process left at `path`. A socket in use (EADDRINUSE), or a file of another
    /// kind (EEXIST), is an error.
    static func removeStale(_ path: String, _ shown: String) throws(SystemError) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw SystemError("bind", subject: shown, code: EEXIST) }
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(probe) }
        // ECONNREFUSED means that no process has the socket any more. With any other result, also for another kind of
        // socket, a process has it.
        guard try !SocketAddress(path: path).connects(probe), errno == ECONNREFUSED else {
            throw SystemError("bind", subject: shown, code: EADDRINUSE)
        }
        _ = unsafe unlink(path)
    }
}
