// SPDX-License-Identifier: MIT
import Glibc

/// The process's standard error stream.
///
/// Safe to call from any thread: a line goes out in one write, so lines of several threads do not mix.
public enum StandardError {
    /// Writes all of `bytes`; gives up on errors, as there is nowhere left to report them.
    public static func write(_ bytes: [UInt8]) {
        var start = 0
        while start < bytes.count {
            let written = unsafe bytes.withUnsafeBytes { source -> Int in
                guard let base = source.baseAddress else { return 0 }
                return unsafe Glibc.write(STDERR_FILENO, base + start, source.count - start)
            }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { return }
            start += written
        }
    }

    /// True if standard error is the journal's socket: systemd sets JOURNAL_STREAM to its device and inode
    /// (systemd.exec(5)), and a redirected stream no longer matches.
    public static func isJournal(journalStream: String?) -> Bool {
        var status = stat()
        guard let journalStream, unsafe fstat(STDERR_FILENO, &status) == 0 else { return false }
        return journalStream == "\(status.st_dev):\(status.st_ino)"
    }
}
