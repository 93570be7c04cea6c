// SPDX-License-Identifier: MIT
public import WireFormat

/// The decision about a request whose head is complete and whose body is not read yet.
public enum Admission {
    /// An immediate answer. The connection is kept for the next request if the client wishes; after a request that
    /// announces a body it ends, since the body is not read.
    case answer(HTTPResponse)
    /// An immediate answer, after which the connection ends: bytes of this request may follow, announced or not.
    case answerAndClose(HTTPResponse)
    /// A takeover: the closure owns the connection from here. For bodies, for streams in either direction and for
    /// answers that must wait.
    case take((TakenConnection) -> Void)
}

/// The result of a TLS handshake.
public enum TLSHandshake: String, Sendable, CaseIterable {
    /// Both sides have made new keys.
    case full
    /// The client resumed an earlier session.
    case resumed
    case failed
}

/// The code that encrypts what is sent on a TLS connection.
public enum TLSEncryption: String, Sendable, CaseIterable {
    /// The relay itself, straight from a frame's block (TLS 1.3 with AES-GCM).
    case evrelay
    /// OpenSSL, which copies each record first: for TLS 1.2, for ChaCha20, or if OpenSSL does not hand over its keys.
    case openssl
}

/// Decides about requests. Confined to one event loop.
public protocol HTTPHandler: AnyObject {
    /// Decides about a request. Called when its whole head is checked and before a byte of its body is read.
    /// - Parameter isEncrypted: true if the peer's connection has TLS.
    func admit(_ head: RequestHead, from peer: PeerAddress, isEncrypted: Bool) -> Admission

    /// Returns the answer to a refusal of the gate's own.
    func response(to refusal: GateRefusal) -> HTTPResponse

    /// Tells the handler of a refusal of the gate's own, for the log and the counters. In a flood, most of these are not
    /// answered.
    func gateRefused(_ refusal: GateRefusal, peer: PeerAddress)

    /// Tells the handler of a connection that has failed, for the log and the counters. `peer` is nil if the connection was
    /// not accepted.
    func connectionFailed(_ failure: ConnectionFailure, peer: PeerAddress?)

    /// Tells the handler that a request's answer is with the kernel, or that its connection has ended before. A stream
    /// is no answer.
    func answered(_ request: AnsweredRequest)

    /// Tells the handler that a connection has changed its phase; nil is the time before its beginning and after its
    /// end.
    func connectionMoved(from old: ConnectionPhase?, to new: ConnectionPhase?)

    /// Tells the handler that a TLS handshake has ended.
    func shookHands(_ result: TLSHandshake)

    /// Tells the handler which code encrypts on a TLS connection, once the connection has its keys.
    func encryptionBegan(by who: TLSEncryption)

    /// Tells the handler that answers waiting to be sent exceed their memory limit (`AnswerBudget`). Every loop should
    /// soon end its worst connections; nothing may be closed during the call.
    func answersFull()

    /// Tells the handler that an idle connection was ended to make room for another one.
    func madeRoom(_ limit: ConnectionLimit)

    /// Asks the handler for room, as no connection of this loop could be ended for a new one. True if other loops were
    /// asked to end one of theirs (`HTTPServer.makeRoom`).
    func roomWanted(_ limit: ConnectionLimit) -> Bool

    /// Returns true if `peer` stands for many clients, so that its connections are not counted against the limit per
    /// address.
    func isProxy(_ peer: PeerAddress) -> Bool
}

/// Defaults: a handler need not count anything or know any proxy.
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

    /// Returns false: there are no other loops.
    public func roomWanted(_ limit: ConnectionLimit) -> Bool { false }

    /// Returns false: no peer stands for others.
    public func isProxy(_ peer: PeerAddress) -> Bool { false }
}

/// The current activity of a connection.
public enum ConnectionPhase: String, Sendable, CaseIterable {
    /// The connection waits for room at a limit of connections.
    case entering
    /// The peer sends a request's head, or nothing yet.
    case head
    /// The connection waits for its next request.
    case idle
    /// The request is being answered.
    case request
    /// The peer receives a stream.
    case stream
    /// The peer sends frames.
    case upload
    /// The answer waits for a frame.
    case wait
    /// The peer is being sent a refusal.
    case refused
    /// The last answer is with the kernel, and the peer has not acknowledged all of it.
    case ending
}

/// A request, with the status, the size and the duration of its answer.
public struct AnsweredRequest {
    /// The head of the request; nil if it could not be read.
    public let head: RequestHead?
    /// The peer that sent the request.
    public let peer: PeerAddress
    /// The status code of the answer.
    public let status: Int
    /// The size of the answer's body in bytes; 0 for HEAD.
    public let bodyBytes: Int
    /// The time from the first byte of the request to the last byte of the answer.
    public let duration: Duration
}
