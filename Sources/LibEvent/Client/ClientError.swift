// SPDX-License-Identifier: MIT
public import System
public import WireFormat

/// The reason why a client could not complete its task.
public enum ClientError: Error, Equatable, Sendable {
    /// The name has no address; the text is the resolver's.
    case nameUnknown(String)
    /// No address could be connected to; the error is that of the last one.
    case notConnected(LibEventError)
    /// The time for this step is over.
    case timedOut(ClientStep)
    /// The TLS handshake failed, with OpenSSL's reason; or the peer does not speak TLS.
    case handshakeFailed(String)
    /// The connection broke, e.g. was reset.
    case broken(LibEventError)
    /// TLS failed after the handshake, with OpenSSL's reason.
    case tlsBroken(String)
    /// The peer ended the connection before the answer was complete.
    case endedEarly
    /// The answer's head cannot be parsed.
    case badHead(ResponseHeadError)
    /// The answer's head, or its body, would be larger than this many bytes.
    case tooLarge(limitBytes: Int)
    /// The body's framing is broken.
    case badBody(ChunkedError)
}

/// The event that a client was waiting for.
public enum ClientStep: Equatable, Sendable {
    /// The addresses of a name.
    case name
    /// A connection.
    case connection
    /// The end of the TLS handshake.
    case handshake
    /// Room in the socket for the bytes to send.
    case sending
    /// The bytes to receive.
    case answer
}
