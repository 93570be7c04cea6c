// SPDX-License-Identifier: MIT
import Glibc
import LibEvent

/// An empty folder that is removed, with the files and sockets in it, when this object goes.
final class TemporaryFolder {
    let path: String
    private var names: [String] = []

    init() throws {
        var template = Array("/tmp/evrelay-test-XXXXXX".utf8CString)
        // Safe: mkdtemp changes the X's in place and returns the array's own beginning.
        let made = unsafe template.withUnsafeMutableBufferPointer { buffer -> String? in
            guard let base = buffer.baseAddress, let name = unsafe mkdtemp(base) else { return nil }
            return unsafe String(cString: name)
        }
        guard let made else { throw LibEventError("mkdtemp", code: errno) }
        path = made
    }

    /// The path of a file that the test, or the code under test, makes.
    func file(_ name: String) -> String {
        names.append(name)
        return "\(path)/\(name)"
    }

    /// Makes a file with these bytes.
    func write(_ bytes: [UInt8], to name: String, mode: mode_t = 0o600) throws -> String {
        let path = file(name)
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, mode)
        guard descriptor >= 0 else { throw LibEventError("open", subject: path, code: errno) }
        defer { _ = close(descriptor) }
        // Safe: write reads as many bytes as the array has.
        let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard count == bytes.count else { throw LibEventError("write", subject: path, code: errno) }
        return path
    }

    /// True if there is anything at the path.
    static func exists(_ path: String) -> Bool {
        unsafe access(path, F_OK) == 0
    }

    deinit {
        for name in names { _ = unsafe remove("\(path)/\(name)") }
        _ = unsafe rmdir(path)
    }
}
