// SPDX-License-Identifier: MIT
import Glibc

/// Reads small files whole.
///
/// Blocks on the disk: for start-up and for pages under development, never on a frame's path.
public enum FileContents {
    /// Returns the bytes of the regular file at `path`.
    /// - Throws: if it cannot be opened or read, is no regular file, or has more than `maxBytes` bytes (code EFBIG).
    public static func read(path: String, maxBytes: Int) throws(SystemError) -> [UInt8] {
        try readWithMode(path: path, maxBytes: maxBytes).bytes
    }

    /// Returns the bytes of the regular file at `path`, and true if every user of this machine may read them.
    /// - Throws: as `read`.
    public static func readWithMode(
        path: String, maxBytes: Int
    ) throws(SystemError) -> (bytes: [UInt8], isReadableByOthers: Bool) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw SystemError("open", subject: path, code: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw SystemError("fstat", subject: path, code: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw SystemError("read", subject: path, code: EISDIR) }
        let bytes = try readAll(descriptor, subject: path, maxBytes: maxBytes)
        return (bytes, status.st_mode & S_IROTH != 0)
    }

    /// Returns the rest of an open file, at most `maxBytes` bytes (else EFBIG).
    static func readAll(_ descriptor: Int32, subject: String, maxBytes: Int) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = unsafe piece.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw SystemError("read", subject: subject, code: errno)
            }
            guard bytes.count + count <= maxBytes else { throw SystemError("read", subject: subject, code: EFBIG) }
            bytes.append(contentsOf: piece[..<count])
        }
    }

    /// Returns true if `path` names a regular file that this process may read.
    public static func isReadable(_ path: String) -> Bool {
        var status = stat()
        guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
        return unsafe access(path, R_OK) == 0
    }

    /// Returns true if `path` names a folder that this process may list and enter.
    public static func isReadableDirectory(_ path: String) -> Bool {
        var status = stat()
        guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return false }
        return unsafe access(path, R_OK | X_OK) == 0
    }
}
