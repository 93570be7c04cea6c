// SPDX-License-Identifier: MIT
public import Crypto
import Glibc
public import LibEvent
public import System

// Waiting for a socket by poll(2), without a loop.
extension ClientSocket {
    /// Waits until the socket is ready for one of `what` or gone; empty when the time is over.
    public func wait(for what: Readiness, timeout: Duration) -> Readiness {
        let milliseconds = Int32(clamping: max(0, timeout.wholeMilliseconds))
        var entry = pollfd(fd: descriptor, events: Int16(truncatingIfNeeded: what.rawValue), revents: 0)
        // Safe: one entry is passed, and the count says one.
        guard unsafe poll(&entry, 1, milliseconds) > 0 else { return [] }
        return Readiness(rawValue: UInt32(UInt16(bitPattern: entry.revents)))
    }

    /// Performs the TLS handshake on an established connection.
    public func startTLS(_ configuration: ClientTLS, timeout: Duration) throws(ClientError) {
        try prepareTLS(configuration, host: "127.0.0.1")
        let deadline = SystemClock.monotonic() + timeout
        while true {
            switch continueHandshake() {
            case .done: return
            case .failed(let error): throw error
            case .wants(let readiness):
                let left = deadline - SystemClock.monotonic()
                guard left > .zero else { throw .timedOut(.handshake) }
                _ = wait(for: readiness, timeout: left)
            }
        }
    }
}

extension ClientTLS {
    /// Creates settings for a test's peers, whose certificates nobody knows.
    public convenience init(_ version: Version = .tls13) throws(SystemError) {
        try self.init(version, trusting: .anyone)
    }
}
