// SPDX-License-Identifier: MIT

/// Writes WebSocket frames (RFC 6455 §5.2): a server's without a mask, a client's with a given one.
public enum WebSocketWriter {
    /// Returns a whole text message.
    public static func text(_ text: String, mask: WebSocketMask? = nil) -> [UInt8] {
        frame(.text, Array(text.utf8), mask: mask)
    }

    /// Returns a whole binary message.
    public static func binary(_ bytes: [UInt8], mask: WebSocketMask? = nil) -> [UInt8] {
        frame(.binary, bytes, mask: mask)
    }

    /// Returns a ping with at most 125 bytes; further ones are left out.
    public static func ping(_ bytes: [UInt8], mask: WebSocketMask? = nil) -> [UInt8] {
        frame(.ping, Array(bytes.prefix(125)), mask: mask)
    }

    /// Returns the answer to a ping, whose bytes it repeats: at most 125; further ones are left out.
    public static func pong(_ bytes: [UInt8], mask: WebSocketMask? = nil) -> [UInt8] {
        frame(.pong, Array(bytes.prefix(125)), mask: mask)
    }

    /// Returns the last frame. `reason` is cut to the 123 bytes that fit, at the end of a character.
    public static func close(code: UInt16, reason: String = "", mask: WebSocketMask? = nil) -> [UInt8] {
        var payload = [UInt8(code >> 8), UInt8(code & 0xFF)]
        for character in reason {
            guard payload.count + character.utf8.count <= 125 else { break }
            payload += character.utf8
        }
        return frame(.close, payload, mask: mask)
    }

    /// Returns one frame, for messages in several frames: the first has the message's opcode, the others
    /// `.continuation`.
    ///
    /// A control frame may have at most 125 bytes; the caller ensures it.
    public static func frame(
        _ opcode: WebSocketOpcode, _ payload: [UInt8], isFinal: Bool = true, mask: WebSocketMask? = nil
    ) -> [UInt8] {
        var frame: [UInt8] = []
        frame.reserveCapacity(payload.count + 14)
        frame.append((isFinal ? 0x80 : 0) | opcode.rawValue)
        let maskBit: UInt8 = mask == nil ? 0 : 0x80
        switch payload.count {
        case ..<126: frame.append(maskBit | UInt8(payload.count))
        case ..<65_536:
            frame.append(maskBit | 126)
            frame.appendBigEndian(UInt64(payload.count), bytes: 2)
        default:
            frame.append(maskBit | 127)
            frame.appendBigEndian(UInt64(payload.count), bytes: 8)
        }
        guard let mask else { return frame + payload }
        for index in 0..<4 { frame.append(mask.byte(at: index)) }
        for (index, byte) in payload.enumerated() { frame.append(byte ^ mask.byte(at: index)) }
        return frame
    }
}

extension [UInt8] {
    fileprivate mutating func appendBigEndian(_ value: UInt64, bytes: Int) {
        for index in (0..<bytes).reversed() { append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index))) }
    }
}
