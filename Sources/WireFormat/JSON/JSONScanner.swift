// SPDX-License-Identifier: MIT

/// Scans a JSON text.
struct JSONScanner {
    private(set) var place: Int
    private var depthLeft: Int

    init(place: Int, depthLeft: Int) {
        self.place = place
        self.depthLeft = depthLeft
    }

    /// Returns the next byte; zero at the end.
    func peek(_ text: Span<UInt8>) -> UInt8 { place < text.count ? text[place] : 0 }

    mutating func skipBlanks(_ text: Span<UInt8>) {
        while [ASCII.space, ASCII.tab, ASCII.lineFeed, ASCII.carriageReturn].contains(peek(text)) { place += 1 }
    }

    /// Skips any value.
    mutating func value(_ text: Span<UInt8>) throws(JSONObjectError) {
        switch peek(text) {
        case 0x7B: try object(text) { (reader, _) throws(JSONObjectError) in try reader.value(text) }
        case 0x5B: try array(text) { (reader) throws(JSONObjectError) in try reader.value(text) }
        case ASCII.quote: _ = try string(text)
        case ASCII.dash, 0x30...0x39: _ = try number(text)
        default: _ = try word(text)
        }
    }

    /// Reads an object; `member` reads each value.
    mutating func object(
        _ text: Span<UInt8>, _ member: (inout JSONScanner, String) throws(JSONObjectError) -> Void
    ) throws(JSONObjectError) {
        try list(text, from: 0x7B, to: 0x7D) { (reader) throws(JSONObjectError) in
            let name = try reader.string(text)
            reader.skipBlanks(text)
            try reader.expect(ASCII.colon, text)
            reader.skipBlanks(text)
            try member(&reader, name)
        }
    }

    /// Reads an array; `element` reads each value.
    mutating func array(
        _ text: Span<UInt8>, _ element: (inout JSONScanner) throws(JSONObjectError) -> Void
    ) throws(JSONObjectError) {
        try list(text, from: 0x5B, to: 0x5D, element)
    }

    private mutating func list(
        _ text: Span<UInt8>, from opening: UInt8, to closing: UInt8,
        _ item: (inout JSONScanner) throws(JSONObjectError) -> Void
    ) throws(JSONObjectError) {
        guard depthLeft > 0 else { throw JSONObjectError(place: place) }
        depthLeft -= 1
        defer { depthLeft += 1 }
        try expect(opening, text)
        skipBlanks(text)
        if peek(text) == closing { return try expect(closing, text) }
        while true {
            try item(&self)
            skipBlanks(text)
            if peek(text) == closing { return try expect(closing, text) }
            try expect(ASCII.comma, text)
            skipBlanks(text)
        }
    }

    private mutating func expect(_ byte: UInt8, _ text: Span<UInt8>) throws(JSONObjectError) {
        guard peek(text) == byte else { throw JSONObjectError(place: place) }
        place += 1
    }

    /// Reads `true`, `false` or `null`.
    mutating func word(_ text: Span<UInt8>) throws(JSONObjectError) -> String {
        for word in ["true", "false", "null"] where ByteSearch.has(word.utf8.span, at: place, in: text) {
            place += word.utf8.count
            return word
        }
        throw JSONObjectError(place: place)
    }

    /// Reads a number, and returns its text unchanged.
    mutating func number(_ text: Span<UInt8>) throws(JSONObjectError) -> String {
        let start = place
        if peek(text) == ASCII.dash { place += 1 }
        if peek(text) == 0x30 { place += 1 } else { try digits(text) }
        if peek(text) == 0x2E {
            place += 1
            try digits(text)
        }
        if peek(text) | 0x20 == 0x65 {
            place += 1
            if peek(text) == 0x2B || peek(text) == ASCII.dash { place += 1 }
            try digits(text)
        }
        return String(decoding: (start..<place).map { text[$0] }, as: UTF8.self)
    }

    private mutating func digits(_ text: Span<UInt8>) throws(JSONObjectError) {
        guard ASCII.isDigit(peek(text)) else { throw JSONObjectError(place: place) }
        while ASCII.isDigit(peek(text)) { place += 1 }
    }

    mutating func string(_ text: Span<UInt8>) throws(JSONObjectError) -> String {
        let start = place
        try expect(ASCII.quote, text)
        var bytes: [UInt8] = []
        while peek(text) != ASCII.quote {
            guard peek(text) >= ASCII.space else { throw JSONObjectError(place: place) }
            if peek(text) == ASCII.backslash {
                place += 1
                bytes += try escaped(text)
            } else {
                bytes.append(peek(text))
                place += 1
            }
        }
        place += 1
        guard let string = String(validating: bytes, as: UTF8.self) else { throw JSONObjectError(place: start) }
        return string
    }

    private mutating func escaped(_ text: Span<UInt8>) throws(JSONObjectError) -> [UInt8] {
        let letter = peek(text)
        place += 1
        switch letter {
        case ASCII.quote, ASCII.backslash, ASCII.slash: return [letter]
        case 0x62: return [0x08]
        case 0x66: return [0x0C]
        case 0x6E: return [ASCII.lineFeed]
        case 0x72: return [ASCII.carriageReturn]
        case 0x74: return [ASCII.tab]
        case 0x75: break
        default: throw JSONObjectError(place: place - 1)
        }
        var units = [try codeUnit(text)]
        if UTF16.isLeadSurrogate(units[0]) {
            try expect(ASCII.backslash, text)
            try expect(0x75, text)
            units.append(try codeUnit(text))
        }
        guard let character = String(validating: units, as: UTF16.self) else { throw JSONObjectError(place: place) }
        return Array(character.utf8)
    }

    private mutating func codeUnit(_ text: Span<UInt8>) throws(JSONObjectError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = ASCII.hexadecimalValue(peek(text)) else { throw JSONObjectError(place: place) }
            unit = unit << 4 | UInt16(digit)
            place += 1
        }
        return unit
    }
}
