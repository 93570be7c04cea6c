// SPDX-License-Identifier: MIT
import TestSupport
import Testing

@testable import LibEvent

@Suite struct BlockBuilderTests {
    private let ledger = ByteLedger(limitBytes: 1_000_000)

    private func builder(_ prefix: Int, _ body: Int, _ suffix: Int) throws -> BlockBuilder {
        try #require(
            BlockBuilder(
                prefixByteCount: prefix, bodyByteCount: body, suffixByteCount: suffix, countedIn: ledger))
    }

    private static func contents(_ block: SharedBytes) -> [UInt8] {
        // A copy byte by byte would take most of the time of a run under AddressSanitizer.
        block.withSpan(0..<block.count) { span in unsafe span.withUnsafeBytes { unsafe Array($0) } }
    }

    @Test func `prefix, body and suffix become one block`() throws {
        let builder = try builder(2, 3, 4)
        builder.fill(from: try InputBuffer([10, 11, 12]))
        let block = try #require(builder.finish(prefix: [1, 2], suffix: [21, 22, 23, 24]))
        #expect(block.count == 9)
        #expect(Self.contents(block) == [1, 2, 10, 11, 12, 21, 22, 23, 24])
    }

    @Test(arguments: [(0, 5, 0), (0, 0, 3), (3, 0, 0), (0, 1, 0), (5, 0, 5)])
    func `any of the three may be empty`(_ prefix: Int, _ body: Int, _ suffix: Int) throws {
        let builder = try builder(prefix, body, suffix)
        builder.fill(from: try InputBuffer(numbered(0..<body)))
        let (before, behind) = (numbered(100..<100 + prefix), numbered(200..<200 + suffix))
        let block = try #require(builder.finish(prefix: before, suffix: behind))
        #expect(Self.contents(block) == before + numbered(0..<body) + behind)
    }

    @Test func `a body that is cut gives back the room of the rest`() throws {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<200 {
            let body = numbered(0..<Int.random(in: 1...200, using: &random)) + [UInt8](repeating: 7, count: 100_000)
            let count = Int.random(in: 0...body.count, using: &random)
            let builder = try builder(3, body.count, 5)
            builder.fill(from: body)
            #expect(builder.withBody { $0.count } == body.count)
            let suffix = Int.random(in: 0...5, using: &random)
            builder.cut(bodyByteCount: count, suffixByteCount: suffix)
            #expect(ledger.usedBytes == 3 + count + suffix)
            #expect(builder.missingByteCount == 0)
            let after = [UInt8](repeating: 9, count: suffix)
            let block = try #require(builder.finish(prefix: [1, 2, 3], suffix: after))
            #expect(Self.contents(block) == [1, 2, 3] + body[..<count] + after)
        }
        #expect(ledger.usedBytes == 0)
    }

    @Test func `what has not arrived cannot be cut off`() throws {
        let builder = try builder(1, 10, 1)
        builder.fill(from: [1, 2, 3])
        builder.cut(bodyByteCount: 4, suffixByteCount: 1)
        builder.cut(bodyByteCount: 2, suffixByteCount: 2)
        builder.cut(bodyByteCount: -1, suffixByteCount: 0)
        #expect(builder.missingByteCount == 7)
        #expect(ledger.usedBytes == 12)
    }

    @Test func `a block of nothing is refused`() {
        #expect(BlockBuilder(prefixByteCount: 0, bodyByteCount: 0, suffixByteCount: 0, countedIn: ledger) == nil)
    }

    @Test(arguments: [(-1, 5, 5), (5, -1, 5), (5, 5, -1), (0, .max, 1), (1, .max, 0), (0, .max - 1, 1)])
    func `counts below zero and beyond all memory are refused`(_ prefix: Int, _ body: Int, _ suffix: Int) {
        #expect(
            BlockBuilder(prefixByteCount: prefix, bodyByteCount: body, suffixByteCount: suffix, countedIn: ledger)
                == nil)
        #expect(ledger.usedBytes == 0)
    }

    @Test func `the body arrives bit by bit, and what follows it is left alone`() throws {
        let builder = try builder(1, 10, 1)
        let input = try InputBuffer()
        for number in 0..<10 {
            #expect(builder.missingByteCount == 10 - number)
            builder.fill(from: input)
            input.append([UInt8(number)])
            builder.fill(from: input)
            #expect(input.count == 0)
        }
        input.append([99, 98])
        builder.fill(from: input)
        #expect(input.contents == [99, 98])
        let block = try #require(builder.finish(prefix: [255], suffix: [254]))
        #expect(Self.contents(block) == [255] + (0..<10).map { UInt8($0) } + [254])
    }

    @Test func `a body in many pieces is copied whole`() throws {
        let builder = try builder(3, 200_000, 3)
        let input = try InputBuffer()
        for start in stride(from: 0, to: 200_000, by: 7000) {
            input.append(numbered(start..<min(start + 7000, 200_000)))
        }
        builder.fill(from: input)
        let block = try #require(builder.finish(prefix: [1, 2, 3], suffix: [4, 5, 6]))
        #expect(Self.contents(block) == [1, 2, 3] + numbered(0..<200_000) + [4, 5, 6])
    }

    @Test func `an incomplete block, other sizes than announced, and a second finish are refused`() throws {
        let builder = try builder(2, 3, 1)
        #expect(builder.finish(prefix: [1, 2], suffix: [3]) == nil)
        builder.fill(from: try InputBuffer([7, 7]))
        #expect(builder.finish(prefix: [1, 2], suffix: [3]) == nil)
        builder.fill(from: try InputBuffer([7]))
        for (prefix, suffix) in [([1], [3]), ([1, 2, 3], [3]), ([1, 2], []), ([1, 2], [3, 4])] as [([UInt8], [UInt8])] {
            #expect(builder.finish(prefix: prefix, suffix: suffix) == nil)
        }
        #expect(builder.finish(prefix: [1, 2], suffix: [3]) != nil)
        #expect(builder.finish(prefix: [1, 2], suffix: [3]) == nil)
    }

    @Test func `filling a finished block does nothing`() throws {
        let builder = try builder(0, 1, 0)
        builder.fill(from: try InputBuffer([1]))
        let block = try #require(builder.finish(prefix: [], suffix: []))
        let input = try InputBuffer([2])
        builder.fill(from: input)
        #expect(input.count == 1)
        #expect(Self.contents(block) == [1])
    }

    // MARK: - The ledger

    @Test func `the room counts from the start and is given back without finish`() throws {
        var builder: BlockBuilder? = try builder(2, 300, 4)
        #expect(ledger.usedBytes == 306)
        builder?.fill(from: try InputBuffer(numbered(0..<300)))
        #expect(ledger.usedBytes == 306)
        builder = nil
        #expect(ledger.usedBytes == 0)
    }

    @Test func `the ledger's limit refuses a block to the byte`() throws {
        #expect(ledger.reserve(999_900))
        #expect(BlockBuilder(prefixByteCount: 1, bodyByteCount: 99, suffixByteCount: 1, countedIn: ledger) == nil)
        #expect(ledger.usedBytes == 999_900)
        let builder = try builder(1, 98, 1)
        #expect(ledger.usedBytes == 1_000_000)
        #expect(builder.missingByteCount == 98)
    }

    @Test func `a finished block counts until its last owner lets go of it`() throws {
        var builder: BlockBuilder? = try builder(1, 8, 1)
        builder?.fill(from: try InputBuffer(numbered(0..<8)))
        var block = builder?.finish(prefix: [0], suffix: [0])
        builder = nil
        #expect(ledger.usedBytes == 10)
        var other = block
        block = nil
        #expect(ledger.usedBytes == 10)
        #expect(other?.count == 10)
        other = nil
        #expect(ledger.usedBytes == 0)
    }

    // MARK: - From a socket

    @Test func `a body is read from a socket, and what follows it stays there`() throws {
        let pair = try SocketPair()
        let builder = try builder(2, 1000, 2)
        builder.fill(from: try InputBuffer(numbered(0..<100)))
        #expect(builder.fill(fromSocket: pair.near, limit: 1 << 20) == .waiting)
        try pair.write(numbered(100..<400))
        #expect(builder.fill(fromSocket: pair.near, limit: 1 << 20) == .waiting)
        #expect(builder.missingByteCount == 600)
        try pair.write(numbered(400..<1005))
        #expect(builder.fill(fromSocket: pair.near, limit: 1 << 20) == .complete)
        #expect(pair.read(100) == numbered(1000..<1005))
        let block = try #require(builder.finish(prefix: [1, 2], suffix: [3, 4]))
        #expect(Self.contents(block) == [1, 2] + numbered(0..<1000) + [3, 4])
    }

    @Test func `at most the limit is read at a time`() throws {
        let pair = try SocketPair()
        let builder = try builder(0, 1000, 0)
        try pair.write(numbered(0..<1000))
        for left in [700, 400, 100] {
            #expect(builder.fill(fromSocket: pair.near, limit: 300) == .waiting)
            #expect(builder.missingByteCount == left)
        }
        #expect(builder.fill(fromSocket: pair.near, limit: 300) == .complete)
        let block = try #require(builder.finish(prefix: [], suffix: []))
        #expect(Self.contents(block) == numbered(0..<1000))
    }

    @Test func `a peer that has gone ends the body, after what it sent`() throws {
        let pair = try SocketPair()
        let builder = try builder(0, 1000, 0)
        try pair.write(numbered(0..<10))
        pair.closeFar()
        #expect(builder.fill(fromSocket: pair.near, limit: 1 << 20) == .ended)
        #expect(builder.missingByteCount == 990)
    }

    @Test func `a descriptor that is none ends the body`() throws {
        #expect(try builder(0, 10, 0).fill(fromSocket: -1, limit: 100) == .ended)
    }
}
