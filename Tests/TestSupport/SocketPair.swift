// SPDX-License-Identifier: MIT
import Glibc
import LibEvent
import System

/// Two connected unix sockets: `near` for the code under test, the far one for the test.
public final class SocketPair {
    /// The descriptor for the code under test.
    public let near: Int32
    private var far: Int32

    /// Creates the pair.
    public init() throws {
        var pair: [Int32] = [-1, -1]
        // Safe: the call writes two elements, which the array has.
        guard unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0 else {
            throw SystemError("socketpair", code: errno)
        }
        (near, far) = (pair[0], pair[1])
    }

    /// Sends all bytes; the socket has room for what tests send.
    public func write(_ bytes: [UInt8]) throws {
        // Safe: send reads as many bytes as the array has.
        let count = unsafe bytes.withUnsafeBytes { unsafe send(far, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        guard count == bytes.count else { throw SystemError("send", code: errno) }
    }

    /// Reads the bytes that wait at the near end, at most `limit`.
    public func read(_ limit: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: limit)
        // Safe: recv writes at most as many bytes as the array has.
        let count = unsafe bytes.withUnsafeMutableBytes { bytes in
            unsafe recv(near, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT))
        }
        return Array(bytes.prefix(max(0, count)))
    }

    /// Closes the test's end.
    public func closeFar() {
        if far >= 0 { _ = close(far) }
        far = -1
    }

    deinit {
        _ = close(near)
        closeFar()
    }
}
