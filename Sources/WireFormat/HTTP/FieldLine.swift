// SPDX-License-Identifier: MIT

/// One field line of a head (RFC 9112 §5), parsed in place.
struct FieldLine {
    /// The problem of a malformed line.
    enum Problem: Error {
        case folded, noColon, emptyName, blankBeforeColon, badName, badValue
    }

    let name: Range<Int>
    /// The value without the blanks around it.
    let value: Range<Int>

    /// Creates it from the line at `line` in `bytes`, a range that is not empty and excludes the CRLF.
    @inline(__always)
    init(_ bytes: Span<UInt8>, _ line: Range<Int>) throws(Problem) {
        var place = line.lowerBound
        guard place < line.upperBound, !ASCII.isBlank(bytes[place]) else { throw .folded }
        while place < line.upperBound, ASCII.token.contains(bytes[place]) { place += 1 }
        guard place < line.upperBound else { throw .noColon }
        guard bytes[place] == ASCII.colon else { throw ASCII.isBlank(bytes[place]) ? .blankBeforeColon : .badName }
        guard place > line.lowerBound else { throw .emptyName }
        name = line.lowerBound..<place
        value = ASCII.trimmed(bytes, (place + 1)..<line.upperBound)
        for index in value where ASCII.isControl(bytes[index]) { throw .badValue }
    }
}
