// SPDX-License-Identifier: MIT
public import WireFormat

/// What becomes of a request whose head is in and whose body is not read yet.
public enum Admission {
    /// Answered now. The connection is kept for the next request if the client wishes; after a request that announces a
    /// body it ends, since the body is not read.
    case answer(HTTPResponse)
    /// Answered now, and the connection ends: bytes may follow that belong to this request, announced or not.
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
    /// HTTP was spoken where TLS is.
    case plainOnTLS
    /// A TLS handshake did not come to its end.
    case handshakeFailed
}

/// How a TLS handshake ended.
public enum TLSHandshake: String, Sendable, CaseIterable {
    /// Both sides have made new keys.
    case full
    /// The client went on with an earlier session.
    case resumed
    case failed
}

/// Who encrypts what a TLS connection is sent.
public enum TLSEncryption: String, Sendable, CaseIterable {
    /// The relay itself, straight from a frame's block (TLS 1.3 with AES-GCM).
    case evrelay
    /// OpenSSL, which copies each record first: TLS 1.2, ChaCha20, or an OpenSSL that gives its keys to nobody.
    case openssl
}

/// Decides about requests. Confined to one event loop.
public protocol HTTPHandler: AnyObject {
    /// Called when the whole, checked head is in and before a byte of the body is read.
    /// - Parameter isEncrypted: whether the peer's connection has TLS.
    func admit(_ head: RequestHead, from peer: PeerAddress, isEncrypted: Bool) -> Admission

    /// The body of an error answer that the gate sends by itself.
    func errorResponse(status: Int, reason: String, message: String) -> HTTPResponse

    /// For the log and the counters; the peer may be unknown.
    func gateRefused(_ refusal: GateRefusal, peer: PeerAddress?)

    /// A request's answer is with the kernel, or its connection has ended before that. Streams are no answers.
    func answered(_ request: AnsweredRequest)

    /// A connection does something else now; nil is before its beginning and behind its end.
    func connectionMoved(from old: ConnectionPhase?, to new: ConnectionPhase?)

    /// A TLS handshake has ended.
    func shookHands(_ result: TLSHandshake)

    /// A TLS connection has its keys, and it is known who encrypts with them.
    func encryptionBegan(by who: TLSEncryption)

    /// Answers that wait to be sent hold more memory than they may (`AnswerBudget`). Every loop should let the worst go
    /// soon; nothing may be closed during the call.
    func answersFull()

    /// An idle connection was ended, so that another one has room.
    func madeRoom(_ limit: ConnectionLimit)

    /// No connection of this loop could be ended for a new one. True if other loops were asked to end one of theirs
    /// (`HTTPServer.makeRoom`).
    func roomWanted(_ limit: ConnectionLimit) -> Bool

    /// True if `peer` stands for many clients, so that its connections are not counted against the limit per address.
    func isProxy(_ peer: PeerAddress) -> Bool
}

/// A handler need not count anything, and may know of no proxies.
extension HTTPHandler {
    /// Counts nothing.
    public func answered(_ request: AnsweredRequest) {}

    /// Counts nothing.
    public func connectionMoved(from old: ConnectionPhase?, to new: ConnectionPhase?) {}

    /// Counts nothing.
    public func shookHands(_ result: TLSHandshake) {}

    /// Counts nothing.
    public func encryptionBegan(by who: TLSEncryption) {}

    /// Does nothing.
    public func answersFull() {}

    /// Counts nothing.
    public func madeRoom(_ limit: ConnectionLimit) {}

    /// There are no other loops.
    public func roomWanted(_ limit: ConnectionLimit) -> Bool { false }

    /// Nobody stands for others.
    public func isProxy(_ peer: PeerAddress) -> Bool { false }
}

/// What a connection does.
public enum ConnectionPhase: String, Sendable, CaseIterable {
    /// It waits for room at a limit of connections.
    case entering
    /// It sends a request's head, or nothing yet.
    case head
    /// It waits for its next request.
    case idle
    /// Its request is being answered.
    case request
    /// It receives a stream.
    case stream
    /// It sends frames.
    case upload
    /// Its answer waits for a frame.
    case wait
    /// It is told that it was refused.
    case refused
    /// Its last answer is with the system, and its peer has not acknowledged all of it.
    case ending
}

/// One request and how it was answered.
public struct AnsweredRequest {
    /// Nil if the head could not be read.
    public let head: RequestHead?
    /// Who asked.
    public let peer: PeerAddress
    /// Status code.
    public let status: Int
    /// Size of the answer's body; 0 for HEAD.
    public let bodyBytes: Int
    /// From the first byte of the request to the last of the answer.
    public let duration: Duration
}
