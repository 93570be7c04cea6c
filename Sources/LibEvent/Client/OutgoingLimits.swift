// SPDX-License-Identifier: MIT

/// The time limits of an outgoing connection, one for each step.
public struct OutgoingLimits: Equatable, Sendable {
    /// The lookup of the name.
    public var name: Duration
    /// Connecting, all addresses together.
    public var connection: Duration
    /// The TLS handshake.
    public var handshake: Duration
    /// From an exchange's request to the moment when the kernel has all of it; nil for no limit.
    public var sending: Duration?
    /// From the end of an exchange's request to the end of the answer's head, interim answers included; nil for no
    /// limit.
    public var head: Duration?
    /// From the head to the end of the body; nil for no limit, as for streams.
    public var body: Duration?
    /// The longest time without a byte in either direction on an open connection whose reading is not paused; nil for no
    /// limit.
    public var silence: Duration?
    /// From the start of the connection to its end, whatever it does; nil for no limit.
    public var whole: Duration?

    /// Sets the same limit for each step, and none for the whole.
    public init(each limit: Duration) {
        name = limit
        connection = limit
        handshake = limit
        sending = limit
        head = limit
        body = limit
        silence = limit
    }
}
