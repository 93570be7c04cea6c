// SPDX-License-Identifier: MIT
import Glibc

/// A `sockaddr` of any family, filled from text.
struct SocketAddress {
    private var storage = sockaddr_storage()
    private var length: socklen_t

    /// - Throws: if `host` is no numeric address of the family.
    init(host: String, port: UInt16, isIPv6: Bool) throws(LibEventError) {
        let isValid: Bool
        if isIPv6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            isValid = unsafe inet_pton(AF_INET6, host, &address.sin6_addr) == 1
            length = socklen_t(MemoryLayout<sockaddr_in6>.size)
            unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.storeBytes(of: address, as: sockaddr_in6.self) }
        } else {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            isValid = unsafe inet_pton(AF_INET, host, &address.sin_addr) == 1
            length = socklen_t(MemoryLayout<sockaddr_in>.size)
            unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.storeBytes(of: address, as: sockaddr_in.self) }
        }
        guard isValid else { throw LibEventError("bind", subject: host, code: EINVAL) }
    }

    /// - Throws: if `path` does not fit into `sockaddr_un` with its terminating zero.
    init(path: String) throws(LibEventError) {
        let bytes = Array(path.utf8)
        var address = sockaddr_un()
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard !bytes.isEmpty, bytes.count < capacity, !bytes.contains(0) else {
            throw LibEventError("bind", subject: "unix:\(path)", code: ENAMETOOLONG)
        }
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        length = socklen_t(MemoryLayout<sockaddr_un>.size)
        unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.storeBytes(of: address, as: sockaddr_un.self) }
    }

    func bind(_ descriptor: Int32, _ shown: String) throws(LibEventError) {
        let code = unsafe withPointer { unsafe Glibc.bind(descriptor, $0, length) }
        guard code == 0 else { throw LibEventError("bind", subject: shown, code: errno) }
    }

    /// True if somebody listens there.
    func connects(_ descriptor: Int32) -> Bool {
        unsafe withPointer { unsafe connect(descriptor, $0, length) } == 0
    }

    /// The port a TCP socket is bound to.
    static func localPort(of descriptor: Int32) -> UInt16 {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        _ = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &length)
            }
        }
        // The port is the second pair of bytes in both sockaddr_in and sockaddr_in6, in network order.
        return unsafe withUnsafeBytes(of: &storage) { unsafe UInt16($0[2]) << 8 | UInt16($0[3]) }
    }

    private func withPointer(_ body: (UnsafePointer<sockaddr>) -> Int32) -> Int32 {
        unsafe withUnsafePointer(to: storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0) }
        }
    }
}
