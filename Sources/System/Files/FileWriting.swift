// SPDX-License-Identifier: MIT
import Glibc

/// Writes small files so that no reader ever sees half of one.
///
/// Blocks on the disk: for commands and the start, never on a frame's path.
public enum FileWriting {
    /// Replaces the file at `path`, if any: the new one is there whole and on the disk, or not at all.
    ///
    /// - Parameter mode: its permissions, from its first byte on; the process's umask does not apply.
    public static func replace(_ path: String, with bytes: [UInt8], mode: UInt32) throws(SystemError) {
        let draft = try writeDraft(of: path, bytes, mode)
        guard unsafe rename(draft, path) == 0 else {
            let code = errno
            _ = unsafe unlink(draft)
            throw SystemError("rename", subject: path, code: code)
        }
        syncFolder(of: path)
    }

    /// Creates a file, whole or not at all, where there was none.
    ///
    /// - Throws: with the code EEXIST if there is anything at `path`.
    public static func create(_ path: String, _ bytes: [UInt8], mode: UInt32) throws(SystemError) {
        let draft = try writeDraft(of: path, bytes, mode)
        let isLinked = unsafe link(draft, path) == 0
        let code = errno
        _ = unsafe unlink(draft)
        guard isLinked else { throw SystemError("link", subject: path, code: code) }
        syncFolder(of: path)
    }

    /// Appends a whole line to a text file, in one write. A last line without its line feed is ended first.
    ///
    /// - Parameters:
    ///   - line: without its line feed.
    ///   - mode: the permissions of a new file; an existing one keeps its own.
    public static func append(line: String, to path: String, mode: UInt32) throws(SystemError) {
        let flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK
        let descriptor = unsafe open(path, flags, mode_t(mode))
        guard descriptor >= 0 else { throw SystemError("open", subject: path, code: errno) }
        defer { _ = close(descriptor) }
        // Processes that append at the same time take turns: the end of the file is read before it is written to.
        guard flock(descriptor, LOCK_EX) == 0 else { throw SystemError("lock", subject: path, code: errno) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw SystemError("fstat", subject: path, code: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw SystemError("append", subject: path, code: EINVAL) }
        var last = UInt8(ascii: "\n")
        if status.st_size > 0 {
            // Safe: one byte is read into one byte.
            guard unsafe pread(descriptor, &last, 1, status.st_size - 1) == 1 else {
                throw SystemError("read", subject: path, code: errno)
            }
        }
        let bytes = Array((last == UInt8(ascii: "\n") ? "" : "\n").utf8) + Array(line.utf8) + [UInt8(ascii: "\n")]
        let count = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        guard count == bytes.count, fsync(descriptor) == 0 else {
            let code = count < 0 || count == bytes.count ? errno : ENOSPC
            // Half a line would be read as a whole one.
            _ = ftruncate(descriptor, status.st_size)
            throw SystemError("append", subject: path, code: code)
        }
    }

    /// Creates a folder, and missing ones above it, that only this user can look into. Existing ones stay as they are.
    public static func makeFolder(_ path: String) throws(SystemError) {
        var made = path.hasPrefix("/") ? "/" : ""
        for name in path.split(separator: "/") {
            made += (made.isEmpty || made.hasSuffix("/") ? "" : "/") + name
            guard unsafe mkdir(made, 0o700) != 0 else { continue }
            // An existing folder may be another user's, on a file system that cannot be written to.
            let code = errno
            var status = stat()
            let isThere = unsafe stat(made, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            guard isThere else { throw SystemError("mkdir", subject: made, code: code) }
        }
    }

    /// Returns true if there is anything at `path`, including a link that leads nowhere.
    public static func isThere(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0
    }

    /// Writes the bytes to the disk, into a file with an unused name beside `path`, and returns its path.
    private static func writeDraft(
        of path: String, _ bytes: [UInt8], _ mode: UInt32
    ) throws(SystemError) -> String {
        let draft = "\(path).\(String(ProcessControl.randomNumber(), radix: 36)).new"
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode_t(mode) & 0o600)
        guard descriptor >= 0 else { throw SystemError("open", subject: path, code: errno) }
        var start = 0
        while start < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { source -> Int in
                guard let base = source.baseAddress else { return 0 }
                return unsafe write(descriptor, base + start, source.count - start)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            start += count
        }
        let isWritten = start == bytes.count && fchmod(descriptor, mode_t(mode)) == 0 && fsync(descriptor) == 0
        let code = errno
        _ = close(descriptor)
        guard isWritten else {
            _ = unsafe unlink(draft)
            throw SystemError("write", subject: path, code: code)
        }
        return draft
    }

    /// Writes the folder of `path` to the disk, and with it a new name. Not every file system supports that, and the
    /// file is whole without it.
    private static func syncFolder(of path: String) {
        let end = path.lastIndex(of: "/")
        let folder = end.map { path[...$0] } ?? "."
        let descriptor = unsafe open(String(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        _ = fsync(descriptor)
        _ = close(descriptor)
    }
}
