// SPDX-License-Identifier: MIT
public import WireFormat

/// What becomes of a request whose head is in and whose body is not read yet.
public enum Admission {
    /// An ordinary request without a body: evhttp carries the answer that the closure gives.
    case exchange((consuming HTTPRequest) -> Void)
    /// Answered now, past evhttp; a body that was announced is not read, and the connection ends.
    case answerAndClose(HTTPResponse)
    /// The closure owns the connection from here: for bodies, for streams in either direction and for answers that
    /// must wait.
    case take((TakenConnection) -> Void)
}

/// Why a connection or request was turned away before any handler saw it.
public enum GateRefusal: Sendable, Equatable {
    /// The limit of all connections is reached.
    case connectionsFull
    /// The limit per address is reached.
    case tooManyFromAddress
    /// No descriptor is left; accepting pauses for a moment.
    case outOfDescriptors
    /// The head, or the framing of the body it announces, was refused with this status and reason.
    case badHead(status: Int, reason: String)
    /// Head or body took too long.
    case tooSlow
}

/// Decides about requests. Confined to one event loop.
public protocol HTTPHandler: AnyObject {
    /// Called when the whole, checked head is in and before a byte of the body is read.
    func admit(_ head: RequestHead, from peer: PeerAddress) -> Admission

    /// The body of an error answer that the gate sends by itself.
    func errorResponse(status: Int, reason: String, message: String) -> HTTPResponse

    /// For the log and the counters; the peer may be unknown.
    func gateRefused(_ refusal: GateRefusal, peer: PeerAddress?)
}
