// SPDX-License-Identifier: MIT
import Testing
import WireFormat

/// The result of reading a whole input.
struct WebSocketReading: Equatable {
    var events: [WebSocketReader.Event] = []
    /// The error that ended the reading; nil while more is wanted, or at the end.
    var error: WebSocketError?
    var hasEnded = false
    /// The number of bytes dropped.
    var readBytes = 0
}

/// Plays the shell of the reader: fills a buffer piece by piece, only when the reader asks for more.
func readWebSocket(_ input: [UInt8], pieces: [Int], _ reader: WebSocketReader) -> WebSocketReading {
    var reader = reader
    var reading = WebSocketReading()
    var filled = 0
    var pieces = pieces[...]
    for _ in 0..<(4 * input.count + 100) {
        let window = input[reading.readBytes..<filled]
        do throws(WebSocketError) {
            switch try reader.step(window.span) {
            case .consume(let count):
                #expect(1...max(1, window.count) ~= count)
                reading.readBytes += count
            case .event(let event): reading.events.append(event)
            case .needMore(let count):
                #expect(count > window.count)
                guard filled < input.count else { return reading }
                filled = min(input.count, filled + max(1, pieces.popFirst() ?? input.count))
            case .end:
                reading.hasEnded = true
                return reading
            }
        } catch {
            reading.error = error
            return reading
        }
    }
    Issue.record("the reader does not come to an end")
    return reading
}

/// Reads `input` in one piece, cut in two at every position, and byte by byte; expects the same result each time.
func readWebSocketEveryWay(
    _ input: [UInt8], from sender: WebSocketSender = .client, max: Int = 1024,
    accepting kinds: WebSocketReader.Kinds = [.text, .binary], sourceLocation: SourceLocation = #_sourceLocation
) -> WebSocketReading {
    let reader = WebSocketReader(from: sender, maxMessageBytes: max, accepting: kinds)
    let whole = readWebSocket(input, pieces: [input.count], reader)
    let bytewise = readWebSocket(input, pieces: [Int](repeating: 1, count: input.count), reader)
    #expect(bytewise.events == whole.events, "byte by byte", sourceLocation: sourceLocation)
    #expect(bytewise.error == whole.error, "byte by byte", sourceLocation: sourceLocation)
    for cut in 0...input.count {
        let halves = readWebSocket(input, pieces: [cut, input.count - cut], reader)
        #expect(halves == whole, "cut at \(cut)", sourceLocation: sourceLocation)
    }
    return whole
}

/// The mask in the example of RFC 6455.
let exampleMask = WebSocketMask(0x37FA_213D)
