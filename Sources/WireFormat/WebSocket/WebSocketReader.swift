// SPDX-License-Identifier: MIT

/// Parses the bytes that one side of a WebSocket sends (RFC 6455 §5) into whole messages and control frames.
///
/// Unlike the readers of request bodies it holds bytes: those of the unfinished message, at most the limit, and those
/// of the unfinished control frame, at most 125.
public struct WebSocketReader: Sendable {
    /// A set of kinds of messages.
    public struct Kinds: OptionSet, Sendable {
        /// One bit for each kind.
        public let rawValue: UInt8
        /// Texts.
        public static let text = Kinds(rawValue: 1)
        /// Binary messages.
        public static let binary = Kinds(rawValue: 2)

        /// Creates the set of these bits.
        public init(rawValue: UInt8) {
            self.rawValue = rawValue
        }
    }

    /// A whole message or control frame.
    public enum Event: Equatable, Sendable {
        /// A text message.
        case text(String)
        /// A binary message.
        case binary([UInt8])
        /// A ping, to be answered by a pong with the same bytes, at most 125.
        case ping([UInt8])
        /// A pong, which needs no answer.
        case pong([UInt8])
        /// The peer's last frame: its code, nil if it gave none (which counts as 1005), and its reason, perhaps empty.
        case close(code: UInt16?, reason: String)
    }

    /// A request of the reader to the shell that owns the buffer.
    public enum Step: Equatable, Sendable {
        /// Drop the next n bytes, 1 to the window's length; the reader has copied what it needs of them.
        case consume(Int)
        /// An event is complete; drop nothing.
        case event(Event)
        /// Call again when the window holds at least n bytes, which is more than it holds now.
        case needMore(Int)
        /// A close frame was read; ignore the bytes after it. Every further step is the same.
        case end
    }

    private enum State {
        case header
        case payload(WebSocketFrameHeader, taken: Int)
        case finished
    }

    private let sender: WebSocketSender
    private let maxMessageBytes: Int
    private let accepted: Kinds
    private var state = State.header
    /// The kind of the message under way: text or binary.
    private var messageKind: WebSocketOpcode?
    private var message: [UInt8] = []
    private var control: [UInt8] = []

    /// - Parameters:
    ///   - sender: the side whose bytes are read.
    ///   - maxMessageBytes: the longest message, all its frames together.
    ///   - accepted: the kinds of messages to accept; others are refused.
    public init(from sender: WebSocketSender, maxMessageBytes: Int, accepting accepted: Kinds) {
        self.sender = sender
        self.maxMessageBytes = maxMessageBytes
        self.accepted = accepted
    }

    /// Returns the next step for the unread bytes, the first of which are in `window`.
    public mutating func step(_ window: Span<UInt8>) throws(WebSocketError) -> Step {
        switch state {
        case .header:
            switch try WebSocketFrameHeader.parse(window, from: sender, maxPayloadBytes: maxMessageBytes) {
            case .needMore(let count): return .needMore(count)
            case .header(let header):
                try begin(header)
                return .consume(header.byteCount)
            }
        case .payload(let header, let taken):
            if taken == header.payloadBytes {
                guard let event = try finish(header) else { return try step(window) }
                return .event(event)
            }
            guard !window.isEmpty else { return .needMore(1) }
            let count = min(window.count, header.payloadBytes - taken)
            if header.opcode.isControl {
                Self.append(window.extracting(first: count), to: &control, mask: header.mask, from: taken)
            } else {
                Self.append(window.extracting(first: count), to: &message, mask: header.mask, from: taken)
            }
            state = .payload(header, taken: taken + count)
            return .consume(count)
        case .finished: return .end
        }
    }

    private mutating func begin(_ header: WebSocketFrameHeader) throws(WebSocketError) {
        switch header.opcode {
        case .text, .binary:
            guard messageKind == nil else { throw .messageInsideMessage }
            guard accepted.contains(header.opcode == .text ? .text : .binary) else { throw .unacceptedKind }
            messageKind = header.opcode
        case .continuation:
            guard messageKind != nil else { throw .nothingToContinue }
        case .close, .ping, .pong: break
        }
        guard header.opcode.isControl || header.payloadBytes <= maxMessageBytes - message.count else {
            throw .messageTooLarge(limitBytes: maxMessageBytes)
        }
        state = .payload(header, taken: 0)
    }

    /// Ends a frame, and returns the event that it completes; nil if more frames of the message follow.
    private mutating func finish(_ header: WebSocketFrameHeader) throws(WebSocketError) -> Event? {
        state = header.opcode == .close ? .finished : .header
        guard !header.opcode.isControl else {
            defer { control.removeAll() }
            switch header.opcode {
            case .ping: return .ping(control)
            case .pong: return .pong(control)
            default: return try Self.close(control)
            }
        }
        guard header.isFinal else { return nil }
        let (kind, bytes) = (messageKind, message)
        messageKind = nil
        message = []
        guard kind == .text else { return .binary(bytes) }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notUTF8 }
        return .text(text)
    }

    /// Parses a close frame's payload: nothing, or a code and a reason (RFC 6455 §5.5.1 and §7.4).
    private static func close(_ payload: [UInt8]) throws(WebSocketError) -> Event {
        if payload.isEmpty { return .close(code: nil, reason: "") }
        guard payload.count >= 2 else { throw .badClose }
        let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
        switch code {
        // The codes of §7.4.1 that may be sent, and those registered since.
        case 1000...1003, 1007...1014, 3000...4999: break
        default: throw .badClose
        }
        guard let reason = String(validating: payload[2...], as: UTF8.self) else { throw .notUTF8 }
        return .close(code: code, reason: reason)
    }

    private static func append(_ bytes: Span<UInt8>, to target: inout [UInt8], mask: WebSocketMask?, from start: Int) {
        target.reserveCapacity(target.count + bytes.count)
        guard let mask else {
            for index in bytes.indices { target.append(bytes[index]) }
            return
        }
        for index in bytes.indices { target.append(bytes[index] ^ mask.byte(at: start + index)) }
    }
}
