// SPDX-License-Identifier: MIT
public import Glibc

/// A `sockaddr` of any family, made from text or filled by the kernel.
public struct SocketAddress: Sendable {
    private var storage = sockaddr_storage()
    private var length: socklen_t

    /// Creates a TCP address.
    /// - Throws: EINVAL if `host` is no numeric address of the family.
    public init(host: String, port: UInt16, isIPv6: Bool) throws(SystemError) {
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
        guard isValid else { throw SystemError("bind", subject: host, code: EINVAL) }
    }

    /// Creates the address of a unix socket: a path, or a name in the abstract namespace that begins with `@`
    /// (unix(7)).
    /// - Throws: ENAMETOOLONG if `path` is empty, holds a zero byte, or does not fit into `sockaddr_un` with its
    ///   terminating zero.
    public init(path: String) throws(SystemError) {
        var bytes = Array(path.utf8)
        var address = sockaddr_un()
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard !bytes.isEmpty, bytes.count < capacity, !bytes.contains(0) else {
            throw SystemError("bind", subject: "unix:\(path)", code: ENAMETOOLONG)
        }
        address.sun_family = sa_family_t(AF_UNIX)
        length = socklen_t(MemoryLayout<sockaddr_un>.size)
        if bytes.first == UInt8(ascii: "@") {
            bytes[0] = 0
            // An abstract name is as long as its address says; zeros after it would be part of it.
            length -= socklen_t(capacity - bytes.count)
        }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.storeBytes(of: address, as: sockaddr_un.self) }
    }

    /// Copies an address that the kernel has returned; bytes that do not fit are cut off.
    public init(copying address: UnsafePointer<sockaddr>, byteCount: Int) {
        let count = max(0, min(byteCount, MemoryLayout<sockaddr_storage>.size))
        length = socklen_t(count)
        unsafe withUnsafeMutableBytes(of: &storage) { room in
            unsafe room.copyMemory(from: UnsafeRawBufferPointer(start: address, count: count))
        }
    }

    /// The number of bytes used of `sockaddr_storage`.
    public var byteCount: UInt32 { length }

    /// Binds `descriptor` to this address.
    /// - Parameter shown: the address as errors name it.
    public func bind(_ descriptor: Int32, _ shown: String) throws(SystemError) {
        let code = unsafe withPointer { unsafe Glibc.bind(descriptor, $0, length) }
        guard code == 0 else { throw SystemError("bind", subject: shown, code: errno) }
    }

    /// Connects `descriptor` to this address; true if something listens there.
    public func connects(_ descriptor: Int32) -> Bool {
        unsafe withPointer { unsafe connect(descriptor, $0, length) } == 0
    }

    /// Reads the address that a socket is bound to.
    public init(boundTo descriptor: Int32) throws(SystemError) {
        try unsafe self.init("getsockname") { unsafe getsockname(descriptor, $0, $1) }
    }

    /// Reads the address that a socket is connected to.
    public init(peerOf descriptor: Int32) throws(SystemError) {
        try unsafe self.init("getpeername") { unsafe getpeername(descriptor, $0, $1) }
    }

    private init(
        _ operation: String, _ fill: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) throws(SystemError) {
        length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe fill($0, &length) }
        }
        guard code == 0 else { throw SystemError(operation, code: errno) }
    }

    /// AF_INET, AF_INET6 or AF_UNIX.
    public var family: Int32 { Int32(storage.ss_family) }

    /// The port of a TCP address.
    public var port: UInt16 {
        // The second pair of bytes in both sockaddr_in and sockaddr_in6, in network order.
        unsafe withUnsafeBytes(of: storage) { unsafe UInt16($0[2]) << 8 | UInt16($0[3]) }
    }

    /// The host of a TCP address in digits, without brackets; nil for other families.
    public var host: String? { Self.text(ofHost: hostBytes) }

    /// Returns the text of an address of 4 or 16 bytes in network order; nil for any other count.
    public static func text(ofHost bytes: [UInt8]) -> String? {
        guard let family = [4: AF_INET, 16: AF_INET6][bytes.count] else { return nil }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        return unsafe text.withUnsafeMutableBufferPointer { buffer -> String? in
            guard let base = buffer.baseAddress else { return nil }
            let name = unsafe inet_ntop(family, bytes, base, socklen_t(buffer.count))
            return unsafe name.map { unsafe String(cString: $0) }
        }
    }

    /// The host of a TCP address: 4 or 16 bytes in network order; empty for other families.
    public var hostBytes: [UInt8] {
        // After family and port; IPv6 has a flow label in between (netinet/in.h).
        switch family {
        case AF_INET: unsafe withUnsafeBytes(of: storage) { unsafe Array($0[4..<8]) }
        case AF_INET6: unsafe withUnsafeBytes(of: storage) { unsafe Array($0[8..<24]) }
        default: []
        }
    }

    /// The path of a unix socket: empty for one without a name, with `@` in front for an abstract one.
    public var path: String {
        let offset = 2
        return unsafe withUnsafeBytes(of: storage) { bytes in
            let used = max(offset, min(Int(length), bytes.count))
            let name = unsafe Array(bytes[offset..<used])
            if name.first == 0 { return "@" + String(decoding: name.dropFirst(), as: UTF8.self) }
            return String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    /// Calls `body` with the address, which is valid during the call.
    public func withPointer(_ body: (UnsafePointer<sockaddr>) -> Int32) -> Int32 {
        unsafe withUnsafePointer(to: storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0) }
        }
    }
}
