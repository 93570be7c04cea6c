// SPDX-License-Identifier: MIT
internal import CSystem
import Glibc

/// A file that exists in memory only, for handing state to the next process through systemd (memfd_create(2)).
public enum MemoryFile {
    /// Makes a file that holds `pieces` one after the other.
    public static func make(name: String, _ pieces: [[UInt8]]) throws(SystemError) -> Descriptor {
        let number = unsafe evrelay_memory_file(name)
        guard number >= 0 else { throw SystemError("memfd_create", subject: name, code: errno) }
        let file = Descriptor(owning: number)
        for piece in pieces {
            var start = 0
            while start < piece.count {
                let written = unsafe piece.withUnsafeBytes { source -> Int in
                    guard let base = source.baseAddress else { return 0 }
                    return unsafe write(number, base + start, source.count - start)
                }
                if written < 0 && errno == EINTR { continue }
                guard written > 0 else { throw SystemError("write", subject: name, code: errno) }
                start += written
            }
        }
        return file
    }

    /// Returns all that `file` holds, from its beginning.
    /// - Throws: if it holds more than `maxBytes` (code EFBIG), or cannot be read.
    public static func read(_ file: Descriptor, maxBytes: Int) throws(SystemError) -> [UInt8] {
        let number = file.borrowed
        guard lseek(number, 0, SEEK_SET) == 0 else { throw SystemError("lseek", subject: "memfd", code: errno) }
        return try FileContents.readAll(number, subject: "memfd", maxBytes: maxBytes)
    }
}
