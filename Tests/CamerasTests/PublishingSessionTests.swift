// SPDX-License-Identifier: MIT
import LibEvent
import TestSupport
import Testing
import WireFormat

@testable import Cameras

@Suite struct PublishingSessionTests {
    private let ledger = ByteLedger(limitBytes: 1 << 20)
    private let events = EventLog()
    private let hub: CameraHub

    init() {
        hub = CameraHub(
            .init(maxCameras: 2, ages: defaultAges, takeover: .refuse), ledger: ledger, observers: [events.add])
    }

    private func session(
        _ name: String = "door", as id: String = "first-one", stream: UInt64? = nil
    ) throws -> PublishingSession {
        try PublishingSession(camera(name), as: publisher(id, stream: stream), from: "192.0.2.7", in: hub)
    }

    @discardableResult
    private func publish(_ jpeg: [UInt8], in session: PublishingSession) throws -> CameraHub.Receipt {
        let frame = try session.room(bytes: jpeg.count)
        frame.block.fill(from: jpeg)
        return try session.publish(frame)
    }

    @Test func `a session counts what it has published`() throws {
        let session = try session()
        defer { session.end() }
        let (grey, colour) = (JPEGSamples.grey, JPEGSamples.colour)
        let first = try publish(grey, in: session)
        let second = try publish(colour + [0, 0, 0], in: session)
        #expect(second.sequence == first.sequence + 1)
        #expect(second.byteCount == colour.count && second.trailingBytes == 3)
        #expect(session.frames == 2 && session.bytes == grey.count + colour.count)
        #expect(session.trailingBytes == 3 && session.lastSequence == second.sequence)
        #expect(session.lastProblem == nil && session.skippedFrames == 0)
        #expect(events.take().last == .trailingBytes(session.camera, 3))
    }

    @Test func `a frame that is none is told, and the next one is published`() throws {
        let session = try session()
        defer { session.end() }
        #expect(throws: FrameRefusal.notAJPEG(.empty)) { try publish([], in: session) }
        #expect(session.lastProblem == .notAJPEG(.empty) && session.frames == 0)
        session.skip(because: .notAJPEG(.empty))
        #expect(session.skippedFrames == 1)
        try publish(JPEGSamples.grey, in: session)
        #expect(session.lastProblem == nil && session.frames == 1)
        #expect(hub.latestFrames.count == 1)
    }

    @Test func `a frame has no room beyond the budget, and none of it is kept`() throws {
        let session = try session()
        defer { session.end() }
        #expect(throws: FrameRefusal.frameMemoryFull(limitBytes: 1 << 20)) { try session.room(bytes: 1 << 20) }
        #expect(ledger.usedBytes == 0)
    }

    @Test func `while memory is short, room is asked for before a frame`() throws {
        let calls = Calls()
        let hub = CameraHub(
            .init(maxCameras: 2, ages: defaultAges, takeover: .refuse), ledger: ledger, memoryIsShort: calls.add)
        let session = try PublishingSession(.default, as: publisher(), from: "here", in: hub)
        defer { session.end() }
        _ = try session.room(bytes: 700 << 10)
        #expect(calls.count == 0)
        let held = try session.room(bytes: 800 << 10)
        #expect(calls.count == 0)
        _ = try session.room(bytes: 100 << 10)
        #expect(calls.count == 1)
        withExtendedLifetime(held) {}
    }

    @Test func `another publisher is refused before it has sent anything`() throws {
        let first = try session(stream: 1)
        try publish(JPEGSamples.grey, in: first)
        #expect(throws: FrameRefusal.taken(retryAfterSeconds: 3)) { try session(as: "second-one") }
        // A stream that ends gives its camera back at once.
        first.end()
        first.end()
        let second = try session(as: "second-one")
        try publish(JPEGSamples.grey, in: second)
        second.end()
        // Single frames keep theirs for the stale age.
        #expect(throws: FrameRefusal.taken(retryAfterSeconds: 3)) { try session(as: "third-one") }
    }

    @Test func `one camera too many is refused, and the others go on`() throws {
        for name in ["a", "b"] {
            let session = try session(name)
            try publish(JPEGSamples.grey, in: session)
            session.end()
        }
        let third = try session("c")
        defer { third.end() }
        #expect(throws: FrameRefusal.camerasFull(limit: 2)) { try publish(JPEGSamples.grey, in: third) }
        #expect(hub.latestFrames.count == 2)
    }
}
