// SPDX-License-Identifier: MIT

/// The side that sent a frame. A client masks each of its frames, a server none (RFC 6455 §5.1).
public enum WebSocketSender: Sendable {
    /// Frames as a server reads them.
    case client
    /// Frames as a client reads them.
    case server
}

/// The opcode of a frame (RFC 6455 §5.2).
public enum WebSocketOpcode: UInt8, Sendable, CaseIterable {
    /// A further frame of a message.
    case continuation = 0
    /// The beginning of a message that is UTF-8.
    case text = 1
    /// The beginning of a message of any bytes.
    case binary = 2
    /// The sender's last frame.
    case close = 8
    /// Asks for a pong.
    case ping = 9
    /// Answers a ping.
    case pong = 10

    /// True for close, ping and pong: at most 125 bytes in one frame, also between the frames of a message.
    public var isControl: Bool { rawValue >= 8 }
}

/// The beginning of a frame (RFC 6455 §5.2), 2 to 14 bytes.
public struct WebSocketFrameHeader: Equatable, Sendable {
    /// The result of parsing.
    public enum Parsing: Equatable, Sendable {
        /// A whole header.
        case header(WebSocketFrameHeader)
        /// Call again with at least this many bytes.
        case needMore(Int)
    }

    /// True if the frame ends its message.
    public let isFinal: Bool
    /// The opcode of the frame.
    public let opcode: WebSocketOpcode
    /// The length of the payload after the header, in bytes.
    public let payloadBytes: Int
    /// The mask of a client's frame; nil in a server's.
    public let mask: WebSocketMask?
    /// The length of the header, in bytes.
    public let byteCount: Int

    /// Parses the header at the beginning of `window`. Refuses an invalid one at its first wrong byte.
    ///
    /// - Parameters:
    ///   - sender: the side that sent the frame.
    ///   - maxPayloadBytes: the longest payload of a text, binary or continuation frame.
    public static func parse(
        _ window: Span<UInt8>, from sender: WebSocketSender, maxPayloadBytes: Int
    ) throws(WebSocketError) -> Parsing {
        guard let first = window.indices.first else { return .needMore(2) }
        guard window[first] & 0x70 == 0 else { throw .reservedBits }
        guard let opcode = WebSocketOpcode(rawValue: window[first] & 0x0F) else {
            throw .unknownOpcode(window[first] & 0x0F)
        }
        let isFinal = window[first] & 0x80 != 0
        guard isFinal || !opcode.isControl else { throw .fragmentedControl }
        guard window.count >= 2 else { return .needMore(2) }

        let isMasked = window[1] & 0x80 != 0
        switch sender {
        case .client: guard isMasked else { throw .notMasked }
        case .server: guard !isMasked else { throw .masked }
        }
        let shortLength = window[1] & 0x7F
        guard shortLength < 126 || !opcode.isControl else { throw .controlTooLong }
        let lengthBytes = shortLength < 126 ? 0 : shortLength == 126 ? 2 : 8
        let byteCount = 2 + lengthBytes + (isMasked ? 4 : 0)
        var payloadBytes = Int(shortLength)
        if lengthBytes > 0 {
            guard window.count >= 2 + lengthBytes else { return .needMore(2 + lengthBytes) }
            payloadBytes = try longLength(window.extracting(2..<(2 + lengthBytes)))
        }
        guard opcode.isControl || payloadBytes <= maxPayloadBytes else {
            throw .messageTooLarge(limitBytes: maxPayloadBytes)
        }
        guard window.count >= byteCount else { return .needMore(byteCount) }
        let mask = isMasked ? WebSocketMask(window.extracting((byteCount - 4)..<byteCount)) : nil
        return .header(
            WebSocketFrameHeader(
                isFinal: isFinal, opcode: opcode, payloadBytes: payloadBytes, mask: mask, byteCount: byteCount))
    }

    /// Returns a length of two or eight bytes; a length that fits a shorter form must be written in it.
    private static func longLength(_ bytes: Span<UInt8>) throws(WebSocketError) -> Int {
        var value: UInt64 = 0
        for index in bytes.indices { value = value << 8 | UInt64(bytes[index]) }
        guard value >= (bytes.count == 2 ? 126 : 65_536) else { throw .lengthNotMinimal }
        guard let length = Int(exactly: value) else { throw .lengthOutOfRange }
        return length
    }
}

/// The four bytes that mask a client's payload (RFC 6455 §5.3).
public struct WebSocketMask: Equatable, Sendable {
    private let bits: UInt32

    /// Creates a mask from four bytes as one number, the first of them in its highest bits.
    public init(_ bits: UInt32) {
        self.bits = bits
    }

    /// Creates a mask from the first four bytes; missing ones count as zero.
    init(_ bytes: Span<UInt8>) {
        var bits: UInt32 = 0
        for index in 0..<4 { bits = bits << 8 | (index < bytes.count ? UInt32(bytes[index]) : 0) }
        self.bits = bits
    }

    /// Returns the byte that masks the payload's byte at `index`.
    @inline(__always)
    func byte(at index: Int) -> UInt8 { UInt8(truncatingIfNeeded: bits >> UInt32(24 - 8 * (index & 3))) }
}
