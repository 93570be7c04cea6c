// SPDX-License-Identifier: MIT
public import Glibc
import LibEvent
import System

/// An empty folder that is removed, with its files and sockets, when this object is released.
public final class TemporaryFolder {
    /// The path of the folder.
    public let path: String
    private var names: [String] = []

    /// Creates the folder below `/tmp`.
    public init() throws {
        var template = Array("/tmp/evrelay-test-XXXXXX".utf8CString)
        // Safe: mkdtemp changes the X's in place and returns a pointer to the array's beginning.
        let made = unsafe template.withUnsafeMutableBufferPointer { buffer -> String? in
            guard let base = buffer.baseAddress, let name = unsafe mkdtemp(base) else { return nil }
            return unsafe String(cString: name)
        }
        guard let made else { throw SystemError("mkdtemp", code: errno) }
        path = made
    }

    /// Returns the path of a file that the test, or the code under test, creates.
    public func file(_ name: String) -> String {
        names.append(name)
        return "\(path)/\(name)"
    }

    /// Creates a file with these bytes, and returns its path.
    public func write(_ bytes: [UInt8], to name: String, mode: mode_t = 0o600) throws -> String {
        let path = file(name)
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, mode)
        guard descriptor >= 0 else { throw SystemError("open", subject: path, code: errno) }
        defer { _ = close(descriptor) }
        // Safe: write reads as many bytes as the array has.
        let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard count == bytes.count else { throw SystemError("write", subject: path, code: errno) }
        return path
    }

    /// Returns true if the path exists.
    public static func exists(_ path: String) -> Bool {
        unsafe access(path, F_OK) == 0
    }

    deinit {
        for name in names { _ = unsafe remove("\(path)/\(name)") }
        _ = unsafe rmdir(path)
    }
}
