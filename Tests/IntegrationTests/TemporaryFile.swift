// SPDX-License-Identifier: MIT
import Glibc
import LibEvent
import System

/// A small file of one test.
struct TemporaryFile {
    /// The path of the file, which does not exist before the first `write`.
    let path = "/tmp/evrelay-test-\(ProcessControl.randomNumber())"

    /// Replaces the file in one step, as an editor does: the relay never reads half a file.
    func write(_ text: String, mode: mode_t = 0o600) throws {
        let new = path + ".new"
        let descriptor = unsafe open(new, O_WRONLY | O_CREAT | O_TRUNC, mode)
        guard descriptor >= 0 else { throw SystemError("open", subject: new, code: errno) }
        defer { _ = close(descriptor) }
        let bytes = Array(text.utf8)
        // Safe: write reads as many bytes as the array has.
        let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard count == bytes.count, fchmod(descriptor, mode) == 0, unsafe rename(new, path) == 0 else {
            throw SystemError("write", subject: path, code: errno)
        }
    }

    /// Removes the file.
    func remove() { _ = unsafe unlink(path) }
}
