// SPDX-License-Identifier: MIT
import LibEvent
import System
import TestSupport
import Testing

@testable import Cameras

/// The core has no favourites: a source and a sink of the tests' own, on threads of their own, work as uploads and streams
/// do, with nothing of HTTP and no loop of libevent's.
@Suite struct SecondUserTests {
    /// A source that draws its frames itself.
    private final class TestPattern {
        private let session: PublishingSession

        init(_ camera: CameraID, in hub: CameraHub, number: UInt64) throws {
            session = try PublishingSession(
                camera, as: publisher("test-pattern", stream: number), from: "test pattern", in: hub)
        }

        func send(_ frames: [[UInt8]]) throws {
            defer { session.end() }
            for jpeg in frames {
                let frame = try session.room(bytes: jpeg.count)
                frame.block.fill(from: jpeg)
                _ = try session.publish(frame)
            }
        }
    }

    /// A sink that writes down the frames that it gets.
    private final class Recorder {
        let inbox: FrameInbox
        private(set) var sequences: [Int64] = []
        private let rings = Calls()
        private var heard = 0

        init(keeping: FrameInbox.Keeping) {
            inbox = FrameInbox(keeping: keeping)
            inbox.open(rings.add)
        }

        /// Takes what has come since the last ring, if it has rung.
        func record() {
            guard rings.count > heard else { return }
            heard = rings.count
            sequences += inbox.take().frames.map(\.sequence)
        }
    }

    private let hub = CameraHub(
        .init(maxCameras: 4, ages: defaultAges, takeover: .replace), ledger: ByteLedger(limitBytes: 64 << 20))
    private static let frames = 500

    /// Lets a source send to `recorder`, and returns the sequences that it was given.
    private func play(to recorder: Recorder) throws -> [Int64] {
        let joined = try #require(hub.join(.default, recorder.inbox, maxViewers: 9))
        let hub = hub
        let source = try LoopThread(name: "source") {
            do {
                let pattern = try TestPattern(.default, in: hub, number: hub.makeStreamNumber())
                try pattern.send(Array(repeating: JPEGSamples.grey, count: Self.frames))
            } catch {
                Issue.record(error)
            }
        }
        try eventually("the last frame") {
            recorder.record()
            let isSent = joined.camera.traffic.received.frames.value == Self.frames
            return isSent && recorder.sequences.last == joined.camera.latest?.sequence
        }
        source.join()
        hub.leave(joined.camera, recorder.inbox, isViewer: true)
        let last = try #require(joined.camera.latest).sequence
        return Array((last - Int64(Self.frames) + 1)...last)
    }

    @Test func `a recorder gets every frame of a source, in order`() throws {
        let recorder = Recorder(keeping: .every(maxBytes: 64 << 20))
        let sent = try play(to: recorder)
        #expect(recorder.sequences == sent)
    }

    @Test func `a sink of the latest frame gets newer and newer ones, and the last`() throws {
        let recorder = Recorder(keeping: .latest)
        let sent = try play(to: recorder)
        #expect(recorder.sequences == recorder.sequences.sorted())
        #expect(Set(recorder.sequences).count == recorder.sequences.count)
        #expect(recorder.sequences.last == sent.last)
    }
}
