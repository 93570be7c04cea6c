// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import System
import TestSupport
import Testing
import WireFormat

@testable import EvRelay

/// Cameras and frames across a restart.
@Suite struct RestoredFrameTests {
    private let lines = LogLines()
    private let relay: Relay

    init() {
        var configuration = Configuration(cores: 2)
        configuration.limits.maxCameras = 2
        relay = Relay(configuration, metrics: [], maxConnections: 10, log: lines.logger(.info))
    }

    private static let sequence: Int64 = 4_000_000_000_000

    private static func saved(
        _ jpeg: [UInt8] = JPEGSamples.colour, _ name: String = "door"
    ) throws -> SavedState.SavedFrame {
        SavedState.SavedFrame(
            camera: try camera(name), sequence: sequence, timestampMicroseconds: 1_795_370_400_123_456, jpeg: jpeg)
    }

    private func publish(_ jpeg: [UInt8], to name: String = "door") throws -> CameraHub.Receipt {
        try relay.publish(jpeg, to: name)
    }

    @Test func `the picture is there at once, with its own number, time and age`() throws {
        #expect(relay.hub.restore(try Self.saved(), age: .seconds(5)))
        let now = SystemClock.monotonic()
        let frame = try #require(relay.hub.snapshot(of: camera("door"), now: now))
        #expect(SavedState.SavedFrame(frame) == (try Self.saved()))
        #expect(frame.info.width == 64)
        #expect(frame.info.height == 48)
        let summary = try #require(relay.hub.summary(of: camera("door"), now: now))
        #expect(summary.state == .stale)
        #expect((Duration.seconds(5)..<Duration.seconds(9)).contains(summary.age))
        #expect(relay.ledger.usedBytes > JPEGSamples.colour.count)
    }

    @Test func `numbers go on behind the last one, whatever the clock says`() throws {
        #expect(relay.hub.restore(try Self.saved(), age: .zero))
        #expect(try publish(JPEGSamples.grey).sequence == Self.sequence + 1)
        #expect(try publish(JPEGSamples.grey).sequence == Self.sequence + 2)
    }

    @Test(arguments: [(0, false), (2, false), (4, true), (60, true)])
    func `a camera that was live before needs no word that it is`(_ seconds: Int, _ isTold: Bool) throws {
        #expect(relay.hub.restore(try Self.saved(), age: .seconds(seconds)))
        _ = try publish(JPEGSamples.grey)
        #expect(lines.all.contains { $0.contains("camera live") } == isTold)
    }

    @Test func `its state is announced when it changes, with nothing counted twice`() throws {
        #expect(relay.hub.restore(try Self.saved(), age: .zero))
        let now = SystemClock.monotonic()
        relay.hub.sweep(now: now)
        #expect(lines.all.isEmpty)
        relay.hub.sweep(now: now + .seconds(20))
        #expect(lines.all.count == 1)
        #expect(lines.all.first?.hasPrefix("<6>camera offline bytes=0 camera.id=door") == true)
        #expect(lines.all.first?.hasSuffix(" frames=0") == true)
        let traffic = try #require(relay.hub.traffic(now: now).first?.traffic)
        #expect(traffic.received.frames.value == 0)
        #expect(relay.hub.received.bytes.value == 0)
    }

    @Test func `a newer frame is not replaced`() throws {
        let receipt = try publish(JPEGSamples.grey)
        #expect(!relay.hub.restore(try Self.saved(), age: .zero))
        let frame = try #require(relay.hub.snapshot(of: camera("door"), now: SystemClock.monotonic()))
        #expect(frame.sequence == receipt.sequence)
        #expect(try publish(JPEGSamples.grey).sequence == receipt.sequence + 1)
    }

    @Test func `somebody who waits for the camera already is in nobody's way`() throws {
        let joined = try #require(relay.hub.join(camera("door"), relay.inboxes[1], maxViewers: 9))
        #expect(relay.hub.restore(try Self.saved(), age: .zero))
        #expect(joined.camera.latest?.sequence == Self.sequence)
        #expect(try publish(JPEGSamples.grey).viewers == 1)
    }

    @Test func `more cameras than the limit are left out`() throws {
        for name in ["a", "b"] { #expect(relay.hub.restore(try Self.saved(JPEGSamples.grey, name), age: .zero)) }
        let used = relay.ledger.usedBytes
        #expect(!relay.hub.restore(try Self.saved(JPEGSamples.grey, "c"), age: .zero))
        #expect(relay.ledger.usedBytes == used)
        #expect(relay.hub.latestFrames.count == 2)
    }

    @Test func `a damaged frame is refused and costs nothing`() throws {
        let jpeg = JPEGSamples.colour
        let delimiter = Array("\r\n--frame\r\n".utf8)
        let damaged: [[UInt8]] = [
            [], [0xFF], Array(jpeg.dropLast()), Array(jpeg.dropFirst()), Array("not a JPEG".utf8),
            Array(jpeg[..<2]) + JPEGBuilder.segment(0xFE, delimiter) + jpeg[2...],
        ]
        for bytes in damaged { #expect(!relay.hub.restore(try Self.saved(bytes), age: .zero)) }
        #expect(relay.ledger.usedBytes == 0)
        #expect(relay.hub.latestFrames.isEmpty)
    }

    @Test func `a frame that frame memory has no room for is left out`() throws {
        relay.ledger.limitBytes = 100
        #expect(!relay.hub.restore(try Self.saved(), age: .zero))
        #expect(relay.hub.latestFrames.isEmpty)
    }

    @Test func `an age longer than the machine is up is no trouble`() throws {
        #expect(relay.hub.restore(try Self.saved(), age: .seconds(1_795_370_400)))
        let summary = try #require(relay.hub.summary(of: camera("door"), now: SystemClock.monotonic()))
        #expect(summary.state == .offline)
    }
}
