// SPDX-License-Identifier: MIT

/// The operations that a socket can do without waiting.
public struct Readiness: OptionSet, Sendable {
    /// The bits of `EPOLLIN`, `EPOLLOUT` and `EPOLLHUP`, which are those of poll(2) too.
    public let rawValue: UInt32

    /// Wraps bits of epoll or poll. Bits that mean none of the three are kept and ignored.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Bytes, or the end of the stream, can be read.
    public static let readable = Readiness(rawValue: 0x001)
    /// Bytes can be written; a connection being made is established or has failed.
    public static let writable = Readiness(rawValue: 0x004)
    /// The connection is gone (EPOLLERR, EPOLLHUP): reported whether it was asked for or not.
    public static let gone = Readiness(rawValue: 0x018)
}
