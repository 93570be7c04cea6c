// SPDX-License-Identifier: MIT
internal import CSystem
import Glibc

/// Tells systemd the state of the service, and gives it descriptors to keep (sd_notify(3)): one datagram a message.
///
/// Sendable: any thread may send; a datagram is sent whole. Sending waits at most a second for a busy manager.
public final class NotifySocket: Sendable {
    private let descriptor: Descriptor
    private let address: SocketAddress

    /// The most descriptors in one message (SCM_MAX_FD of the kernel).
    public static let maxDescriptors = 253

    /// - Parameter path: the value of NOTIFY_SOCKET: a path, or a name in the abstract namespace that begins with `@`.
    public init(path: String) throws(SystemError) {
        address = try SocketAddress(path: path)
        let number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { throw SystemError("socket", subject: path, code: errno) }
        descriptor = Descriptor(owning: number)
        var limit = timeval(tv_sec: 1, tv_usec: 0)
        _ = unsafe setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    /// Sends `assignments`, lines of `NAME=value`, with `descriptors` attached: the first `maxDescriptors` of them.
    /// - Throws: if the manager cannot be reached, or takes longer than a second.
    public func send(_ assignments: [String], descriptors: [Descriptor] = []) throws(SystemError) {
        let text = Array(assignments.joined(separator: "\n").utf8)
        let numbers = descriptors.prefix(Self.maxDescriptors).map(\.borrowed)
        let code = unsafe text.withUnsafeBytes { bytes -> Int32 in
            // sendmsg only reads from the text and the address.
            let base = unsafe UnsafeMutableRawPointer(mutating: bytes.baseAddress)
            var vector = unsafe iovec(iov_base: base, iov_len: bytes.count)
            return unsafe withUnsafeMutablePointer(to: &vector) { vector in
                unsafe address.withPointer { target in
                    var message = unsafe msghdr()
                    unsafe message.msg_name = UnsafeMutableRawPointer(mutating: UnsafeRawPointer(target))
                    unsafe message.msg_namelen = address.byteCount
                    unsafe message.msg_iov = vector
                    unsafe message.msg_iovlen = 1
                    return unsafe Self.send(&message, numbers, through: descriptor.borrowed)
                }
            }
        }
        guard code == 0 else { throw SystemError("sendmsg", subject: "NOTIFY_SOCKET", code: code) }
    }

    /// Sends the message with descriptors attached. Returns `errno`, or 0.
    private static func send(_ message: inout msghdr, _ numbers: [Int32], through socket: Int32) -> Int32 {
        let byteCount = numbers.count * MemoryLayout<Int32>.stride
        let space = evrelay_control_space(byteCount)
        return unsafe withUnsafeTemporaryAllocation(byteCount: space, alignment: MemoryLayout<cmsghdr>.alignment) {
            room in
            unsafe room.initializeMemory(as: UInt8.self, repeating: 0)
            if !numbers.isEmpty {
                unsafe message.msg_control = room.baseAddress
                unsafe message.msg_controllen = space
                // Inside the room: it was made for this many descriptors.
                unsafe numbers.withUnsafeBytes { unsafe evrelay_put_rights(&message, $0.baseAddress, byteCount) }
            }
            while unsafe sendmsg(socket, &message, Int32(MSG_NOSIGNAL)) < 0 {
                if errno != EINTR { return errno }
            }
            return 0
        }
    }
}
