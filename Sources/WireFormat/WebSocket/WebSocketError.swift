// SPDX-License-Identifier: MIT

/// A violation of RFC 6455 by the peer. The connection must be closed with `closeCode` and cannot be read further.
public enum WebSocketError: Error, Equatable, Sendable {
    /// A reserved bit that is set, though no extension was agreed on.
    case reservedBits
    /// An undefined opcode.
    case unknownOpcode(UInt8)
    /// A client's frame without a mask.
    case notMasked
    /// A server's frame with a mask.
    case masked
    /// A length written in more bytes than it needs.
    case lengthNotMinimal
    /// A length of 2⁶³ or more.
    case lengthOutOfRange
    /// A close, ping or pong with more than 125 bytes.
    case controlTooLong
    /// A close, ping or pong in several frames.
    case fragmentedControl
    /// A continuation without a message to continue.
    case nothingToContinue
    /// A new message before the last one has ended.
    case messageInsideMessage
    /// A close frame with a payload of one byte, or with a code that may not be sent.
    case badClose
    /// A text, or the reason of a close frame, that is not UTF-8.
    case notUTF8
    /// A text where only binary messages are accepted, or a binary message where only texts are.
    case unacceptedKind
    /// A message longer than the limit in bytes.
    case messageTooLarge(limitBytes: Int)

    /// The status code of the close frame that answers (RFC 6455 §7.4.1): 1002, 1003, 1007 or 1009.
    public var closeCode: UInt16 {
        switch self {
        case .unacceptedKind: 1003
        case .notUTF8: 1007
        case .messageTooLarge: 1009
        default: 1002
        }
    }

    /// The problem and what would be accepted; at most 123 bytes, so that a close frame can carry it.
    public var message: String {
        switch self {
        case .reservedBits: "A frame has a reserved bit set; no extension was agreed on."
        case .unknownOpcode(let opcode): "A frame has the unknown opcode \(opcode)."
        case .notMasked: "A frame is not masked; a client masks each of its frames."
        case .masked: "A frame is masked; a server masks none."
        case .lengthNotMinimal: "A frame's length is written in more bytes than it needs."
        case .lengthOutOfRange: "A frame's length has its highest bit set."
        case .controlTooLong: "A control frame has more than 125 bytes."
        case .fragmentedControl: "A control frame is fragmented."
        case .nothingToContinue: "A continuation frame continues nothing."
        case .messageInsideMessage: "A new message begins before the last one has ended."
        case .badClose: "A close frame has a malformed payload, or a code that may not be sent."
        case .notUTF8: "A text is not UTF-8."
        case .unacceptedKind: "Messages of this kind are not accepted here."
        case .messageTooLarge(let limit): "The message is too large; at most \(limit) bytes are accepted."
        }
    }
}
