// SPDX-License-Identifier: MIT
public import WireFormat

/// The reason why the gate refuses a connection or request before any handler sees it.
///
/// It has no status and no words; the handler chooses those (`HTTPHandler.response(to:)`).
public enum GateRefusal: Error, Sendable, Equatable {
    /// The limit of all connections is reached.
    case connectionsFull
    /// The limit per address is reached.
    case tooManyFromAddress
    /// The head is malformed or too large.
    case badHead(RequestHeadError)
    /// The head has an Expect field other than `100-continue` (RFC 9110 section 10.1.1).
    case unknownExpectation(String)
    /// The head was not complete in time.
    case headTooSlow
    /// The client spoke HTTP where TLS is expected.
    case plainOnTLS
}

/// The reason why a connection fails before its first request. The peer cannot be told.
public enum ConnectionFailure: Sendable, Equatable {
    /// No descriptor is left; accepting pauses for a moment.
    case outOfDescriptors
    /// A TLS handshake did not complete.
    case handshakeFailed
}
