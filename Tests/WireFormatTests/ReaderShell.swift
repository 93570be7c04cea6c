// SPDX-License-Identifier: MIT
import Testing
import WireFormat

/// The result of reading a whole input.
struct Reading: Equatable, CustomStringConvertible {
    enum Outcome: Equatable {
        case end
        case wantsMore
        case failed(String)
    }

    /// The payload of each whole part.
    var parts: [[UInt8]] = []
    /// The payload since the last whole part.
    var rest: [UInt8] = []
    var outcome = Outcome.wantsMore
    /// The number of bytes taken or dropped.
    var readBytes = 0

    var texts: [String] { parts.map { String(decoding: $0, as: UTF8.self) } }
    var restText: String { String(decoding: rest, as: UTF8.self) }
    var description: String { "parts \(texts), rest \(restText), \(outcome) after \(readBytes) bytes" }
}

/// Plays the shell of a reader: fills a buffer piece by piece, only when the reader asks for more, and checks that the
/// reader keeps its contract.
func read(
    _ input: [UInt8], pieces: [Int], _ step: (Span<UInt8>) throws -> ReaderStep
) -> Reading {
    var reading = Reading()
    var unread = 0
    var filled = 0
    var pieces = pieces[...]
    var steps = 0
    while true {
        steps += 1
        guard steps < 4 * input.count + 100 else {
            Issue.record("the reader does not come to an end")
            return reading
        }
        let window = input[unread..<filled]
        let next: ReaderStep
        do { next = try step(window.span) } catch {
            reading.outcome = .failed(String(describing: error))
            return reading
        }
        switch next {
        case .consume(let count):
            #expect(1...max(1, window.count) ~= count)
            unread += count
            reading.readBytes += count
        case .take(let count):
            #expect(1...max(1, window.count) ~= count)
            reading.rest += window.prefix(count)
            unread += count
            reading.readBytes += count
        case .partComplete:
            reading.parts.append(reading.rest)
            reading.rest = []
        case .needMore(let count):
            #expect(count > window.count)
            guard filled < input.count else { return reading }
            filled = min(input.count, filled + max(1, pieces.popFirst() ?? input.count))
        case .end:
            reading.outcome = .end
            return reading
        }
    }
}

/// Reads `input` in one piece, cut in two at every position, and byte by byte; expects the same result each time.
func readEveryWay(
    _ input: [UInt8], _ makeStep: () -> (Span<UInt8>) throws -> ReaderStep,
    sourceLocation: SourceLocation = #_sourceLocation
) -> Reading {
    let whole = read(input, pieces: [input.count], makeStep())
    let bytewise = read(input, pieces: [Int](repeating: 1, count: input.count), makeStep())
    #expect(bytewise == whole, "byte by byte", sourceLocation: sourceLocation)
    for cut in 0...input.count {
        let halves = read(input, pieces: [cut, input.count - cut], makeStep())
        #expect(halves == whole, "cut at \(cut)", sourceLocation: sourceLocation)
    }
    return whole
}
