// SPDX-License-Identifier: MIT

/// What a socket can do without waiting.
public struct Readiness: OptionSet, Sendable {
    /// The bits as `EPOLLIN`, `EPOLLOUT` and `EPOLLHUP` have them, which are those of poll(2) too.
    public let rawValue: UInt32

    /// Wraps bits of epoll or poll; those that mean none of the three are kept and ignored.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Bytes, or the end of the stream, can be read.
    public static let readable = Readiness(rawValue: 0x001)
    /// Bytes can be written; a connection under way is made or has failed.
    public static let writable = Readiness(rawValue: 0x004)
    /// The connection is gone (EPOLLERR, EPOLLHUP): reported whether it was asked for or not.
    public static let gone = Readiness(rawValue: 0x018)
}
