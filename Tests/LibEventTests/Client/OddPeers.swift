// SPDX-License-Identifier: MIT
import Glibc
import LibEvent
import System
import TestSupport

/// A server that sends back what it receives, one connection.
final class EchoPeer {
    let address: ClientAddress
    private let thread: Beside

    init() throws {
        let socket = try ListenSocket.local()
        address = .tcp(host: "127.0.0.1", port: socket.port ?? 0)
        thread = try Beside { _ in
            let acceptor = Acceptor(socket)
            let connection = try acceptor.accept()
            var bytes = [UInt8](repeating: 0, count: 65_536)
            while true {
                // Safe: recv writes at most as many bytes as the array has, and send reads no more.
                let count = unsafe recv(connection, &bytes, bytes.count, 0)
                guard count > 0, unsafe send(connection, bytes, count, Int32(MSG_NOSIGNAL)) == count else { return }
            }
        }
    }
}

/// A server that accepts connections in the test's own time, and says nothing.
final class HeldPeer {
    let address: ClientAddress
    private let acceptor: Acceptor
    private var accepted: Int32?

    init() throws {
        let socket = try ListenSocket.local()
        address = .tcp(host: "127.0.0.1", port: socket.port ?? 0)
        acceptor = Acceptor(socket)
    }

    /// Accepts the connection, once.
    @discardableResult
    func accept() throws -> Int32 {
        let connection = try accepted ?? acceptor.accept()
        accepted = connection
        return connection
    }

    /// Sends text.
    func send(_ text: String) throws {
        let bytes = Array(text.utf8)
        // Safe: send reads as many bytes as the array has.
        _ = unsafe Glibc.send(try accept(), bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Drops what has come.
    func discard() throws {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        // Safe: recv writes at most as many bytes as the array has.
        while unsafe recv(try accept(), &bytes, bytes.count, Int32(MSG_DONTWAIT)) > 0 {}
    }

    /// Resets the connection.
    func reset() throws {
        var linger = linger(l_onoff: 1, l_linger: 0)
        let size = socklen_t(MemoryLayout.size(ofValue: linger))
        // Safe: the kernel copies the structure, whose size is given.
        _ = unsafe setsockopt(try accept(), SOL_SOCKET, SO_LINGER, &linger, size)
        try end()
    }

    /// Ends the connection. The acceptor closes the number that is left.
    func end() throws {
        // Safe: open reads the path during the call.
        let null = unsafe open("/dev/null", O_RDONLY)
        _ = dup2(null, try accept())
        close(null)
    }
}

/// A socket that listens and accepts nothing, with a full queue: a further connection is not answered at all.
final class FullListener {
    let address: ClientAddress
    private let descriptor: Int32
    private var waiting: [ClientSocket] = []

    init() throws {
        let (descriptor, port) = try makeLocalSocket(Int32(SOCK_STREAM.rawValue))
        self.descriptor = descriptor
        address = .tcp(host: "127.0.0.1", port: port)
        guard listen(descriptor, 0) == 0 else { throw SystemError("listen", code: errno) }
        // A queue of length 0 takes one connection; what comes after it is left without an answer.
        for _ in 0..<4 {
            let socket = try ClientSocket(connectingTo: address)
            waiting.append(socket)
            guard !socket.wait(for: .writable, timeout: .milliseconds(200)).isEmpty else { return }
        }
        throw WaitError("a full queue")
    }

    deinit { close(descriptor) }
}

/// Returns a socket that is bound to a free port of 127.0.0.1.
func makeLocalSocket(_ kind: Int32) throws -> (descriptor: Int32, port: UInt16) {
    let descriptor = socket(AF_INET, kind | Int32(SOCK_CLOEXEC.rawValue), 0)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    // Safe: a sockaddr_in begins as a sockaddr does, and its size is given.
    let isBound = unsafe withUnsafeMutablePointer(to: &place) { place in
        unsafe place.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
            unsafe bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
        }
    }
    guard isBound else { throw SystemError("bind", code: errno) }
    return (descriptor, UInt16(bigEndian: place.sin_port))
}
