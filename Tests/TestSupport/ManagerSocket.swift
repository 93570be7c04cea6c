// SPDX-License-Identifier: MIT
import Glibc
import LibEvent
import System

/// A stand-in for a service manager: receives the messages sent to the socket that NOTIFY_SOCKET names.
///
/// Confined to one thread. The kernel queues about ten messages; a sender then waits until they are received.
public final class ManagerSocket {
    /// One datagram.
    public struct Message {
        /// The text sent.
        public let text: String
        /// The descriptors that came with it. The receiver closes them.
        public let descriptors: [Int32]
    }

    /// The value of NOTIFY_SOCKET.
    public let path: String
    private let file: String?
    private let descriptor: Int32

    /// Creates it on a free path, or on a free name of the abstract namespace.
    public init(isAbstract: Bool = false) throws {
        let name = "/tmp/evrelay-manager-\(ProcessControl.randomNumber())"
        path = isAbstract ? "@" + name : name
        file = isAbstract ? nil : name
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError("socket", code: errno) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = (isAbstract ? [0] : []) + Array(name.utf8)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        // The length in the address ends an abstract name; a zero ends a path.
        let length = socklen_t(2 + bytes.count + (isAbstract ? 0 : 1))
        // Safe: bind reads no more of the address than `length`.
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(descriptor, $0, length) }
        }
        guard result == 0 else { throw SystemError("bind", subject: path, code: errno) }
    }

    /// Receives the next message; nil if none is waiting.
    public func receive() -> Message? {
        var text = [UInt8](repeating: 0, count: 65_536)
        // Room for more descriptors than one message can have. Words, so that it is aligned as the kernel requires.
        var control = [UInt64](repeating: 0, count: 160)
        var controlByteCount = 0
        // Safe: the kernel writes no more bytes than the two arrays have.
        let count = unsafe text.withUnsafeMutableBytes { bytes in
            unsafe control.withUnsafeMutableBytes { room -> Int in
                var vector = unsafe iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
                return unsafe withUnsafeMutablePointer(to: &vector) { vector in
                    var message = unsafe msghdr()
                    unsafe message.msg_iov = vector
                    unsafe message.msg_iovlen = 1
                    unsafe message.msg_control = room.baseAddress
                    unsafe message.msg_controllen = room.count
                    let count = unsafe recvmsg(descriptor, &message, 0)
                    unsafe controlByteCount = message.msg_controllen
                    return count
                }
            }
        }
        guard count >= 0 else { return nil }
        return Message(
            text: String(decoding: text.prefix(count), as: UTF8.self),
            descriptors: controlByteCount >= 16 ? Self.descriptors(control) : [])
    }

    /// Waits for the next message.
    public func next() throws -> Message {
        var message: Message?
        try eventually("a message to the service manager") {
            message = receive()
            return message != nil
        }
        guard let message else { throw WaitError("a message to the service manager") }
        return message
    }

    /// Returns the descriptors of a control message. cmsg(3): the length with these 16 bytes, level, type, and two
    /// descriptors per word.
    private static func descriptors(_ control: [UInt64]) -> [Int32] {
        (0..<(Int(control[0]) - 16) / 4).map { index in
            Int32(truncatingIfNeeded: index % 2 == 0 ? control[2 + index / 2] : control[2 + index / 2] >> 32)
        }
    }

    deinit {
        _ = close(descriptor)
        if let file { _ = unsafe unlink(file) }
    }
}
