// SPDX-License-Identifier: MIT
import Testing
import WireFormat

/// The events of an answer, with each body's pieces put together.
struct AnswerReading: Equatable {
    enum Event: Equatable {
        case head(ResponseHead)
        case body([UInt8])
        case end
    }

    var events: [Event] = []
    var error: AnswerError?
    var isReusable = false

    var statuses: [Int] {
        events.compactMap { event in if case .head(let head) = event { head.status } else { nil } }
    }
    var bodies: [String] {
        events.compactMap { event in
            if case .body(let bytes) = event { String(decoding: bytes, as: UTF8.self) } else { nil }
        }
    }
    var ends: Int { events.count { $0 == .end } }

    fileprivate mutating func add(_ event: AnswerReader.Event, _ bytes: ArraySlice<UInt8>) {
        switch event {
        case .head(let head): events.append(.head(head))
        case .end: events.append(.end)
        case .body(let range):
            let piece = Array(bytes[bytes.startIndex + range.lowerBound..<bytes.startIndex + range.upperBound])
            #expect(!piece.isEmpty)
            if case .body(let before) = events.last {
                events[events.count - 1] = .body(before + piece)
            } else {
                events.append(.body(piece))
            }
        }
    }
}

/// Limits that no test of something else comes near.
let wideLimits = AnswerReader.Limits(headBytes: 4096, bodyBytes: nil)

/// Reads answers that arrive in pieces of the given sizes, and what comes after these in one; then comes the end of data,
/// unless `isEnding` is false. After each end another answer is expected.
func readAnswers(
    _ input: [UInt8], pieces: [Int], limits: AnswerReader.Limits = wideLimits, toHead: Bool = false,
    isEnding: Bool = true
) -> AnswerReading {
    var reading = AnswerReading()
    var reader = AnswerReader(limits: limits)
    reader.expectAnswer(toHead: toHead)
    var isComplete = false
    var rest = input[...]
    var sizes = pieces[...]
    do throws(AnswerError) {
        while !rest.isEmpty {
            let piece = rest.prefix(sizes.popFirst() ?? rest.count)
            rest = rest.dropFirst(piece.count)
            var offset = 0
            if isComplete { reader.expectAnswer(toHead: toHead) }
            isComplete = false
            while let event = try reader.next(in: piece.span, from: &offset) {
                reading.add(event, piece)
                isComplete = event == .end
                if isComplete { reading.isReusable = reader.isReusable }
                if isComplete, offset < piece.count { reader.expectAnswer(toHead: toHead) }
            }
            #expect(offset == piece.count)
        }
        if isEnding, let event = try reader.endOfData() { reading.add(event, []) }
    } catch {
        reading.error = error
    }
    return reading
}

/// Reads text in one piece, byte by byte, and cut in two at every place; expects the same events each time.
func readAnswersEveryWay(
    _ text: String, limits: AnswerReader.Limits = wideLimits, toHead: Bool = false, isEnding: Bool = true,
    sourceLocation: SourceLocation = #_sourceLocation
) -> AnswerReading {
    let input = Array(text.utf8)
    func read(_ pieces: [Int]) -> AnswerReading {
        var reading = readAnswers(input, pieces: pieces, limits: limits, toHead: toHead, isEnding: isEnding)
        // Whether bytes follow an end is known only when they come together with it.
        reading.isReusable = false
        return reading
    }
    let whole = read([])
    #expect(read([Int](repeating: 1, count: input.count)) == whole, "byte by byte", sourceLocation: sourceLocation)
    for cut in 1..<max(2, input.count) {
        #expect(read([cut]) == whole, "cut at \(cut)", sourceLocation: sourceLocation)
    }
    return readAnswers(input, pieces: [], limits: limits, toHead: toHead, isEnding: isEnding)
}
