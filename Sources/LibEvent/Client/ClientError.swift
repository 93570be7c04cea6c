// SPDX-License-Identifier: MIT
public import Crypto
import Glibc
public import System
public import WireFormat

/// The reason why a client could not complete its task.
public enum ClientError: Error, Equatable, Sendable {
    /// The name has no address; the text is the resolver's.
    case nameUnknown(String)
    /// No address could be connected to; the error is that of the last one.
    case notConnected(SystemError)
    /// The time for this step is over.
    case timedOut(ClientStep)
    /// The TLS handshake failed, with OpenSSL's reason; or the peer does not speak TLS.
    case handshakeFailed(String)
    /// The peer's certificate is not trusted, and the connection required that.
    case notTrusted(TLSCertificate.Problem)
    /// The connection broke, e.g. was reset.
    case broken(SystemError)
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

    /// True if the peer has closed the connection, or reset it.
    var isByPeer: Bool {
        guard case .broken(let error) = self else { return false }
        return error.code == EPIPE || error.code == ECONNRESET
    }

    /// Converts an error in the bytes of an answer.
    init(_ error: AnswerError) {
        switch error {
        case .badHead(let reason): self = .badHead(reason)
        case .headTooLarge(let limit), .bodyTooLarge(let limit): self = .tooLarge(limitBytes: limit)
        case .badBody(let reason): self = .badBody(reason)
        case .endedEarly: self = .endedEarly
        }
    }
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
    /// The head of the answer.
    case head
    /// The end of the answer's body.
    case body
    /// Any byte, in either direction.
    case silence
}
