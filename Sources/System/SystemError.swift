// SPDX-License-Identifier: MIT
import Glibc

/// A failed call of the system or a library: the operation, its subject and the system's error number.
public struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The operation that failed, such as "bind" or "event_base_new".
    public let operation: String
    /// The subject of the operation: an address, a path, or empty.
    public let subject: String
    /// `errno` after the failure; 0 where the library gives none.
    public let code: Int32

    /// Creates an error that keeps `code` as data; the text is made when it is printed.
    public init(_ operation: String, subject: String = "", code: Int32 = 0) {
        self.operation = operation
        self.subject = subject
        self.code = code
    }

    /// True if another socket has the address.
    public var isAddressInUse: Bool { code == EADDRINUSE }
    /// True if this machine has no such address family or address, such as `[::]` where IPv6 is switched off.
    public var isAddressUnavailable: Bool { code == EAFNOSUPPORT || code == EADDRNOTAVAIL }

    /// One line: operation, subject, reason.
    public var description: String {
        let target = subject.isEmpty ? operation : "\(operation) \(subject)"
        guard code != 0 else { return "\(target) failed" }
        return "\(target): \(Self.text(of: code))"
    }

    /// Returns the text of an error number. Uses strerror_r, not strerror: workers may fail at the same time.
    private static func text(of code: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        let text = unsafe buffer.withUnsafeMutableBufferPointer { bytes -> String? in
            guard let base = bytes.baseAddress, unsafe strerror_r(code, base, bytes.count) == 0 else { return nil }
            return unsafe String(cString: base)
        }
        return text ?? "error \(code)"
    }
}
