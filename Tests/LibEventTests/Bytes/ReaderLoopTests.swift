// SPDX-License-Identifier: MIT
import LibEvent
import System
import Testing
import WireFormat

struct ReaderLoopTests {
    private let coded = Array("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\nrest".utf8)

    @Test func `however the bytes arrive, a reader sees the same`() throws {
        for size in 1...coded.count {
            let input = try InputBuffer()
            let body = try InputBuffer()
            var loop = ReaderLoop()
            var reader = ChunkedReader(maxLineBytes: 10, maxTrailerBytes: 10)
            var hasEnded = false
            var rest = coded[...]
            while !rest.isEmpty {
                input.append(Array(rest.prefix(size)))
                rest = rest.dropFirst(size)
                while !hasEnded,
                    let step = try loop.next(in: input, { (front) throws(ChunkedError) in try reader.step(front) })
                {
                    if case .take(let count) = step { input.move(count, to: body) } else { hasEnded = true }
                }
            }
            #expect(hasEnded)
            #expect(body.withFront(atLeast: body.count) { text($0) } == "hello world")
            #expect(input.withFront(atLeast: input.count) { text($0) } == "rest")
        }
    }

    @Test func `a step that needs no byte comes without one, and an error ends the loop`() throws {
        let input = try InputBuffer()
        var loop = ReaderLoop()
        #expect(try loop.next(in: input, { (_) throws(ChunkedError) in ReaderStep.end }) == .end)
        #expect(try loop.next(in: input, { (_) throws(ChunkedError) in ReaderStep.needMore(1) }) == nil)
        var calls = 0
        #expect(
            try loop.next(in: input) { (_) throws(ChunkedError) -> ReaderStep in
                calls += 1
                return .end
            } == nil)
        #expect(calls == 0, "asked again without the byte it waits for")
        input.append([1])
        #expect(throws: ChunkedError.badTrailer) {
            try loop.next(in: input) { (_) throws(ChunkedError) -> ReaderStep in throw .badTrailer }
        }
    }

    private func text(_ bytes: Span<UInt8>) -> String {
        String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
    }
}
