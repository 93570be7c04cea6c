// SPDX-License-Identifier: MIT
import Glibc

/// The process's standard error stream.
///
/// Safe to call from any thread: a line goes out in one write, so lines of several threads do not mix.
public enum StandardError {
    /// Writes all of `bytes`, and waits while the reader takes none. Gives up on errors, as there is nowhere left to
    /// report them.
    public static func write(_ bytes: [UInt8]) { write(bytes, to: STDERR_FILENO) }

    static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var start = 0
        while start < bytes.count {
            let written = unsafe bytes.withUnsafeBytes { source -> Int in
                guard let base = source.baseAddress else { return 0 }
                return unsafe Glibc.write(descriptor, base + start, source.count - start)
            }
            if written < 0 && errno == EINTR { continue }
            // Another process may have made the shared file description non-blocking.
            if written < 0 && errno == EAGAIN {
                var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                // Safe: poll reads and writes the one structure.
                _ = unsafe poll(&wanted, 1, -1)
                continue
            }
            guard written > 0 else { return }
            start += written
        }
    }

    /// Returns true if standard error is the journal's socket: systemd sets JOURNAL_STREAM to its device and inode
    /// (systemd.exec(5)), and a redirected stream no longer matches.
    public static func isJournal(journalStream: String?) -> Bool {
        var status = stat()
        guard let journalStream, unsafe fstat(STDERR_FILENO, &status) == 0 else { return false }
        return journalStream == "\(status.st_dev):\(status.st_ino)"
    }
}
