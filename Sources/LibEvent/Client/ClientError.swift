// SPDX-License-Identifier: MIT
public import WireFormat

/// Why a client could not do what it was asked for.
public enum ClientError: Error, Equatable, Sendable {
    /// The name has no address, in the words of the resolver.
    case nameUnknown(String)
    /// No address could be connected to; what the last one said.
    case notConnected(LibEventError)
    /// The time for this step is over.
    case timedOut(ClientStep)
    /// TLS could not be agreed on, in OpenSSL's words; or the peer speaks none.
    case handshakeFailed(String)
    /// The connection broke, e.g. was reset.
    case broken(LibEventError)
    /// TLS broke, in OpenSSL's words.
    case tlsBroken(String)
    /// The peer ended the connection in the middle of something.
    case endedEarly
    /// The answer's head cannot be understood.
    case badHead(ResponseHeadError)
    /// The answer's head, or what it was to be read into, would be larger than this many bytes.
    case tooLarge(limitBytes: Int)
    /// The body's framing is broken.
    case badBody(ChunkedError)
}

/// What a client was waiting for.
public enum ClientStep: Equatable, Sendable {
    /// The addresses of a name.
    case name
    /// A connection.
    case connection
    /// The end of the TLS handshake.
    case handshake
    /// Room for what is sent.
    case sending
    /// What is to be received.
    case answer
}
