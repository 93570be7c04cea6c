// SPDX-License-Identifier: MIT
import Glibc
import System
import TestSupport

@testable import LibEvent

/// Accepts from a `ListenSocket` by hand, for tests of the layers below the server.
final class Acceptor {
    private let descriptor: Int32
    private var accepted: [Int32] = []

    init(_ socket: ListenSocket) {
        descriptor = socket.takeDescriptor()
    }

    /// Accepts a waiting connection; nil if there is none.
    func acceptNow() -> Int32? {
        let made = Glibc.accept(descriptor, nil, nil)
        guard made >= 0 else { return nil }
        accepted.append(made)
        return made
    }

    /// Waits for the next connection.
    func accept() throws -> Int32 {
        var made: Int32?
        try eventually("a connection to accept") {
            made = acceptNow()
            return made != nil
        }
        guard let made else { throw WaitError("a connection to accept") }
        return made
    }

    /// Returns an option of an accepted socket; nil on an error.
    static func option(_ level: Int32, _ option: Int32, of descriptor: Int32) -> Int32? {
        var value: Int32 = -1
        var length = socklen_t(MemoryLayout<Int32>.size)
        // Safe: getsockopt writes at most `length` bytes, the size of `value`.
        return unsafe getsockopt(descriptor, level, option, &value, &length) == 0 ? value : nil
    }

    deinit {
        for one in accepted { _ = close(one) }
        _ = close(descriptor)
    }
}

/// True if this machine has ::1.
let hasIPv6: Bool = {
    do throws(SystemError) {
        _ = try ListenSocket.tcp(host: "::1", port: 0, isJoining: false, stallTimeout: .seconds(1))
        return true
    } catch {
        return false
    }
}()

extension ListenSocket {
    /// Creates a TCP socket on a free port, or on `port`.
    static func local(
        _ host: String = "127.0.0.1", port: UInt16 = 0, isJoining: Bool = false,
        stallTimeout: Duration = .seconds(20)
    ) throws(SystemError) -> ListenSocket {
        try tcp(host: host, port: port, isJoining: isJoining, stallTimeout: stallTimeout)
    }
}
