// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import TestSupport
import Testing
import WireFormat

@testable import EvRelay

@Suite struct SavedStateTests {
    private static func frame(_ name: String, sequence: Int64 = 1_795_370_400_001) throws -> SavedState.SavedFrame {
        SavedState.SavedFrame(
            camera: try camera(name), sequence: sequence, timestampMicroseconds: 1_795_370_400_123_456,
            jpeg: JPEGSamples.grey)
    }

    private static func viewer(
        _ inode: UInt64, form: StreamForm, policy: DeliveryState.Resumption, pendingBytes: [UInt8] = []
    ) throws -> SavedState.SavedViewer {
        SavedState.SavedViewer(
            inode: inode, camera: try camera("door"), form: form, policy: policy, pendingBytes: pendingBytes)
    }

    /// Returns a state with every form, and with every optional value both set and nil.
    private static func state() throws -> SavedState {
        var state = SavedState()
        state.frames = [try frame("a"), try frame("B-1.x", sequence: 0)]
        var inode: UInt64 = 1
        for boundary in StreamBoundary.allCases {
            for flags in 0..<4 {
                let form = StreamForm(boundary: boundary, advanceHeaders: flags & 1 == 1, isChunked: flags & 2 == 2)
                state.viewers.append(
                    try viewer(
                        inode, form: form,
                        policy: .init(
                            minimumIntervalNanoseconds: flags & 1 == 1 ? 100_000_000 : nil,
                            framesLeft: flags & 2 == 2 ? 7 : nil, lastSequence: flags == 3 ? nil : 1_795_370_400_001),
                        pendingBytes: [UInt8](repeating: 7, count: flags * 10)))
                inode = inode * 31 + 1
            }
        }
        state.viewers.append(
            try viewer(
                .max, form: .init(boundary: .frame, advanceHeaders: false, isChunked: true),
                policy: .init(minimumIntervalNanoseconds: nil, framesLeft: nil, lastSequence: nil)))
        let digest = try #require(CredentialDigest(bytes: [UInt8](0..<32)))
        state.viewers[1].basis = .open(toThisMachine: true)
        state.viewers[2].basis = .key(digest)
        state.viewers[1].unseen = .key(digest)
        state.viewers[0].unseen = .token(digest, secret: digest, expiresMicroseconds: 1_795_370_400_000_000)
        state.viewers[3].basis = .token(digest, secret: digest, expiresMicroseconds: 1_795_370_400_000_000)
        return state
    }

    @Test func `what one process leaves the next one gets`() throws {
        let state = try Self.state()
        #expect(try SavedState(state.bytes()) == state)
        #expect(state.viewers.count == 9)
    }

    @Test func `nothing is a state too`() throws {
        #expect(try SavedState(SavedState().bytes()) == SavedState())
    }

    @Test func `a state that was cut at any byte, or goes on behind its end, is refused`() throws {
        var state = try Self.state()
        state.frames = [try Self.frame("a")]
        state.viewers = Array(state.viewers[2...3])
        let bytes = state.bytes()
        for count in 0..<bytes.count {
            #expect(throws: RecordError.self, "\(count) bytes") { try SavedState(Array(bytes[..<count])) }
        }
        #expect(throws: RecordError.self) { try SavedState(bytes + [0]) }
    }

    @Test func `another version's state is refused`() throws {
        for signature in ["evrelay-state 2\n", "evrelay-state 4\n", "evrelay-state 30\n", "", "EVRELAY-STATE 3\n"] {
            var writer = RecordWriter()
            writer.put(Array(signature.utf8))
            writer.put(0)
            writer.put(0)
            #expect(throws: RecordError(offset: 0)) { try SavedState(writer.bytes) }
        }
    }

    @Test(arguments: [-1, .min, .max, Int64.max / 2 + 1])
    func `numbers that cannot be reckoned with are refused`(_ number: Int64) throws {
        let good = try Self.frame("a")
        for (sequence, timestamp) in [(number, good.timestampMicroseconds), (good.sequence, number)] {
            var state = SavedState()
            state.frames = [
                SavedState.SavedFrame(
                    camera: good.camera, sequence: sequence, timestampMicroseconds: timestamp, jpeg: good.jpeg)
            ]
            #expect(throws: RecordError.self) { try SavedState(state.bytes()) }
        }
    }

    @Test(arguments: ["", ".hidden", "a/b", String(repeating: "x", count: 65)])
    func `a name that is none is refused`(_ name: String) {
        var writer = RecordWriter()
        writer.put(Array("evrelay-state 1\n".utf8))
        writer.put(1)
        writer.put(Array(name.utf8))
        writer.put(1)
        writer.put(1)
        writer.put([])
        writer.put(0)
        #expect(throws: RecordError.self) { try SavedState(writer.bytes) }
    }

    @Test func `counts that promise more than there is are errors, and cost nothing`() {
        for count in [Int64.max, 1 << 40, 1] {
            var writer = RecordWriter()
            writer.put(Array("evrelay-state 1\n".utf8))
            writer.put(count)
            #expect(throws: RecordError.self) { try SavedState(writer.bytes) }
        }
    }

    @Test func `damaged states never trap`() throws {
        var random = SeededGenerator(seed: 11)
        let good = try Self.state().bytes()
        for _ in 0..<2_000 {
            var bytes = good
            for _ in 0..<(1 + random.next() % 4) {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            guard let state = try? SavedState(bytes) else { continue }
            #expect(state.frames.allSatisfy { $0.sequence >= 0 && $0.timestampMicroseconds >= 0 })
        }
    }

    @Test func `a frame is left with the very bytes it came with`() throws {
        let relay = Relay(Configuration(cores: 1), metrics: [], maxConnections: 10, log: LogLines().logger(.info))
        let receipt = try relay.publish(JPEGSamples.colour, to: "default")
        let latest = try #require(relay.hub.latestFrames.first)
        let saved = SavedState.SavedFrame(latest)
        #expect(saved.jpeg == JPEGSamples.colour)
        #expect(saved.camera == .default)
        #expect(saved.sequence == receipt.sequence)
        #expect(saved.timestampMicroseconds == latest.timestampMicroseconds)
    }
}
