// SPDX-License-Identifier: MIT

/// Writes compact JSON (RFC 8259) directly into bytes. Closures write objects and arrays, so each one that is opened is
/// closed.
///
///     JSONText.object { json in
///         json.member("camera", "door")
///         json.array("sizes") { $0.element(640) }
///     }
public struct JSONText: Sendable {
    private var bytes: [UInt8] = []
    private var needsComma = false

    private init() {}

    /// Returns a whole text whose value is an object.
    public static func object(_ members: (inout JSONText) -> Void) -> [UInt8] {
        var json = JSONText()
        json.bytes.reserveCapacity(256)
        json.enclose("{", "}", members)
        return json.bytes
    }

    /// Returns a whole text whose value is an array.
    public static func array(_ elements: (inout JSONText) -> Void) -> [UInt8] {
        var json = JSONText()
        json.enclose("[", "]", elements)
        return json.bytes
    }

    /// Writes a member that is a string; nil is written as null.
    public mutating func member(_ name: String, _ value: String?) {
        key(name)
        if let value { appendString(value) } else { bytes.append("null") }
    }

    /// Writes a member that is an integer; nil is written as null.
    public mutating func member(_ name: String, _ value: (some BinaryInteger)?) {
        key(name)
        if let value { bytes.appendDecimal(Int64(clamping: value)) } else { bytes.append("null") }
    }

    /// Writes a member that is a number with a fixed count of decimals, 0 to 9. A value that is not finite, or that
    /// exceeds `Int64` without its decimal point, is written as null.
    public mutating func member(_ name: String, _ value: Double, decimals: Int) {
        key(name)
        appendNumber(value, decimals: decimals)
    }

    /// Writes a member that is true or false.
    public mutating func member(_ name: String, _ value: Bool) {
        key(name)
        bytes.append(value ? "true" : "false")
    }

    /// Writes a member that is null.
    public mutating func null(_ name: String) {
        key(name)
        bytes.append("null")
    }

    /// Writes a member that is an object.
    public mutating func object(_ name: String, _ members: (inout JSONText) -> Void) {
        key(name)
        enclose("{", "}", members)
    }

    /// Writes a member that is an array.
    public mutating func array(_ name: String, _ elements: (inout JSONText) -> Void) {
        key(name)
        enclose("[", "]", elements)
    }

    /// Writes an element that is an object.
    public mutating func element(_ members: (inout JSONText) -> Void) {
        separate()
        enclose("{", "}", members)
    }

    /// Writes an element that is a string.
    public mutating func element(_ value: String) {
        separate()
        appendString(value)
    }

    /// Writes an element that is an integer.
    public mutating func element(_ value: some BinaryInteger) {
        separate()
        bytes.appendDecimal(Int64(clamping: value))
    }

    private mutating func enclose(_ opening: String, _ closing: String, _ contents: (inout JSONText) -> Void) {
        bytes.append(opening)
        needsComma = false
        contents(&self)
        bytes.append(closing)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(ASCII.comma) }
        needsComma = true
    }

    private mutating func key(_ name: String) {
        separate()
        appendString(name)
        bytes.append(ASCII.colon)
    }

    /// Appends a string, and escapes the quote, the backslash and everything below the blank (RFC 8259 §7).
    private mutating func appendString(_ text: String) {
        bytes.append(ASCII.quote)
        defer { bytes.append(ASCII.quote) }
        guard Self.needsEscape(text) else { return bytes.append(contentsOf: text.utf8) }
        for byte in text.utf8 {
            switch byte {
            case ASCII.quote, ASCII.backslash:
                bytes.append(ASCII.backslash)
                bytes.append(byte)
            case ASCII.lineFeed: bytes.append("\\n")
            case ASCII.carriageReturn: bytes.append("\\r")
            case ASCII.tab: bytes.append("\\t")
            case 0..<ASCII.space:
                bytes.append("\\u00")
                bytes.append(byte < 16 ? "0" : "1")
                bytes.append("0123456789abcdef".utf8.span[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
    }

    private static func needsEscape(_ text: String) -> Bool {
        let bytes = text.utf8.span
        for index in bytes.indices {
            let byte = bytes[index]
            if byte < ASCII.space || byte == ASCII.quote || byte == ASCII.backslash { return true }
        }
        return false
    }

    private mutating func appendNumber(_ value: Double, decimals: Int) {
        let decimals = min(max(decimals, 0), 9)
        var scale: Int64 = 1
        for _ in 0..<decimals { scale *= 10 }
        guard let scaled = Int64(exactly: (value * Double(scale)).rounded()) else {
            bytes.append("null")
            return
        }
        if scaled < 0 { bytes.append(ASCII.dash) }
        let magnitude = Int64(clamping: scaled.magnitude)
        bytes.appendDecimal(magnitude / scale)
        guard decimals > 0 else { return }
        bytes.append(".")
        bytes.appendDecimal(magnitude % scale, minimumDigits: decimals)
    }
}
