// SPDX-License-Identifier: MIT
import Cameras
import System
import TestSupport
import LibEvent
import Testing

@testable import Cameras

@Suite struct FrameInboxTests {
    private let fixture = FrameFixture()
    private let inbox = FrameInbox(keeping: .latest)

    @Test func `a newer frame replaces an older one, never the other way round`() throws {
        let older = try fixture.frame(of: .default, sequence: 1)
        let newer = try fixture.frame(of: .default, sequence: 2)
        inbox.put(older)
        inbox.put(newer)
        inbox.put(older)
        let frames = inbox.take().frames
        #expect(frames.count == 1)
        #expect(frames.first === newer)
    }

    @Test func `the same sequence does not replace what waits`() throws {
        let first = try fixture.frame(of: .default, sequence: 1)
        inbox.put(first)
        inbox.put(try fixture.frame(of: .default, sequence: 1))
        #expect(inbox.take().frames.first === first)
    }

    @Test func `each camera has its own slot`() throws {
        let (a, b) = (try camera("a"), try camera("b"))
        inbox.put(try fixture.frame(of: a, sequence: 5))
        inbox.put(try fixture.frame(of: b, sequence: 1))
        inbox.put(try fixture.frame(of: b, sequence: 2))
        #expect(Self.sequences(inbox.take()) == [a: 5, b: 2])
    }

    @Test func `what was taken is gone, and an older frame may follow it`() throws {
        inbox.put(try fixture.frame(of: .default, sequence: 2))
        _ = inbox.take()
        #expect(inbox.take().frames.isEmpty)
        inbox.put(try fixture.frame(of: .default, sequence: 1))
        #expect(inbox.take().frames.first?.sequence == 1)
    }

    @Test func `a frame that was replaced is released at once`() throws {
        inbox.put(try fixture.frame(of: .default, sequence: 1))
        let one = fixture.ledger.usedBytes
        inbox.put(try fixture.frame(of: .default, sequence: 2))
        #expect(fixture.ledger.usedBytes == one)
        _ = inbox.take()
        #expect(fixture.ledger.usedBytes == 0)
    }

    // MARK: - Waking

    @Test func `what came before the sink wakes it once it opens`() throws {
        let calls = Calls()
        for sequence in 1...3 { inbox.put(try fixture.frame(of: .default, sequence: Int64(sequence))) }
        inbox.open(calls.add)
        #expect(calls.count == 1)
        inbox.open(calls.add)
        #expect(calls.count == 2)
        _ = inbox.take()
        inbox.open(calls.add)
        #expect(calls.count == 2)
    }

    @Test(arguments: [FrameInbox.Keeping.latest, .every(maxBytes: 1 << 20)])
    func `many frames are one call, and frames after a take another`(_ keeping: FrameInbox.Keeping) throws {
        let inbox = FrameInbox(keeping: keeping)
        let calls = Calls()
        inbox.open(calls.add)
        for round in 1...3 {
            for name in ["a", "b"] {
                for number in 1...20 {
                    inbox.put(try fixture.frame(of: camera(name), sequence: Int64(round * 100 + number)))
                }
            }
            #expect(calls.count == round)
            _ = inbox.take()
        }
    }

    @Test func `a sink that has gone is woken by nobody`() throws {
        let calls = Calls()
        inbox.open(calls.add)
        inbox.close()
        inbox.put(try fixture.frame(of: .default, sequence: 1))
        #expect(calls.count == 0)
        #expect(inbox.take().frames.count == 1)
    }

    // MARK: - Keeping every frame

    @Test func `a sink that wants every frame gets them in their order`() throws {
        let inbox = FrameInbox(keeping: .every(maxBytes: 1 << 20))
        for number in 1...50 { inbox.put(try fixture.frame(of: camera("c\(number % 3)"), sequence: Int64(number))) }
        let contents = inbox.take()
        #expect(contents.frames.map(\.sequence) == Array(1...50))
        #expect(contents.skippedFrames == 0)
        #expect(inbox.take().frames.isEmpty)
    }

    @Test(arguments: [0, 99, 100, 101, 250, 300, 1000])
    func `beyond its bytes the oldest frames are skipped, and the newest stays`(_ maxBytes: Int) throws {
        let inbox = FrameInbox(keeping: .every(maxBytes: maxBytes))
        for number in 1...5 { inbox.put(try fixture.frame(of: .default, sequence: Int64(number))) }
        let kept = min(5, max(1, maxBytes / 100))
        let contents = inbox.take()
        #expect(contents.frames.map(\.sequence) == Array(Int64(6 - kept)...5))
        #expect(contents.skippedFrames == 5 - kept)
        #expect(fixture.ledger.usedBytes > 0)
        inbox.put(try fixture.frame(of: .default, sequence: 6))
        #expect(inbox.take().skippedFrames == 0)
    }

    private static func sequences(_ contents: FrameInbox.Contents) -> [CameraID: Int64] {
        Dictionary(contents.frames.map { ($0.camera, $0.sequence) }) { first, _ in first }
    }

    @Test func `many threads put and the newest of each camera arrives`() throws {
        let fixture = FrameFixture(limitBytes: 16 << 20)
        let inbox = inbox
        let names = try (0..<4).map { try camera("c\($0)") }
        let frames = try names.map { id in try (1...500).map { try fixture.frame(of: id, sequence: Int64($0)) } }
        let threads = try frames.map { frames in
            try LoopThread(name: "putter") { for frame in frames { inbox.put(frame) } }
        }
        for thread in threads { thread.join() }
        #expect(Self.sequences(inbox.take()) == Dictionary(uniqueKeysWithValues: names.map { ($0, 500) }))
    }
}
