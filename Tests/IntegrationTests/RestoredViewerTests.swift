// SPDX-License-Identifier: MIT
import Cameras
import Crypto
import Glibc
import TestSupport
import Testing
import WireFormat

@testable import EvRelay
@testable import LibEvent
@testable import System

/// The use that a relay makes of the state another one has left in the service manager's store.
@Suite struct RestoredViewerTests {
    private let frames = FrameSeries(byteCount: 20_000)
    private static let sequence: Int64 = 4_000_000_000_000

    /// Returns a viewer whose stream another process has begun: the viewer's end, and the socket in the store.
    static func makeViewer() throws -> (client: TestClient, socket: Descriptor) {
        let listener = try ListenSocket.tcp(host: "127.0.0.1", port: 0, isJoining: false, stallTimeout: .seconds(20))
        let client = try TestClient(.tcp(host: "127.0.0.1", port: listener.port ?? 0))
        let listening = Descriptor(owning: listener.takeDescriptor())
        var number: Int32 = -1
        try eventually("a connection") {
            number = accept(listening.borrowed, nil, nil)
            return number >= 0
        }
        try #require(fcntl(number, F_SETFL, O_NONBLOCK) == 0)
        return (client, Descriptor(owning: number))
    }

    static func saved(
        _ socket: Descriptor, lastSequence: Int64? = sequence, framesLeft: Int? = nil, pendingBytes: [UInt8] = [],
        basis: Grant.Basis = .open(toThisMachine: false), unseen: Grant.Basis? = nil
    ) throws -> SavedState.SavedViewer {
        SavedState.SavedViewer(
            inode: try #require(socket.inode), camera: .default,
            form: StreamForm(boundary: .frame, advanceHeaders: false, isChunked: true),
            policy: .init(minimumIntervalNanoseconds: nil, framesLeft: framesLeft, lastSequence: lastSequence),
            pendingBytes: pendingBytes, basis: basis, unseen: unseen)
    }

    private func state(_ viewers: [SavedState.SavedViewer]) -> SavedState {
        var state = SavedState()
        state.viewers = viewers
        state.frames = [
            SavedState.SavedFrame(
                camera: .default, sequence: Self.sequence, timestampMicroseconds: SystemClock.nowMicroseconds(),
                jpeg: frames(7))
        ]
        return state
    }

    /// Returns the descriptors that systemd passes: sockets, and the state after its digest if there is one.
    static func surroundings(
        _ sockets: [Descriptor], _ state: [UInt8]?, digest: [UInt8]? = nil
    ) throws -> Surroundings {
        var entries = sockets.map { PassedDescriptors.Entry(name: "evrelay-viewer", descriptor: $0) }
        if let state {
            let file = try MemoryFile.make(name: "test", [try digest ?? Digest.sha256(state), state])
            entries.append(PassedDescriptors.Entry(name: "evrelay-state", descriptor: file))
        }
        return Surroundings(passed: PassedDescriptors(entries))
    }

    /// Returns the state with another number in its signature, "evrelay-state N".
    private static func ofAnotherVersion(_ state: [UInt8]) -> [UInt8] {
        var state = state
        if let place = state.firstIndex(of: UInt8(ascii: " ")) { state[place + 1] += 1 }
        return state
    }

    /// Reads the next part of a chunked stream: its JPEG, and its chunk as it came.
    private static func part(_ client: TestClient) throws -> (jpeg: [UInt8], chunk: [UInt8]) {
        let size = try client.readLine()
        guard let count = Int(size, radix: 16) else { throw WaitError("a chunk's size, not \(size)") }
        let chunk = try client.read(count)
        guard try client.readLine() == "", let start = chunk.firstIndex(of: 0xFF) else { throw WaitError("a part") }
        return (Array(chunk[start...].dropLast("\r\n--frame\r\n".utf8.count)), chunk)
    }

    @Test(arguments: [1, 4]) func `streams go on where they were, and pictures are there at once`(threads: Int) throws {
        let viewers = try (0..<8).map { _ in try Self.makeViewer() }
        // Half of them were in the middle of a part.
        let rest = Array("the rest".utf8)
        let saved = try viewers.enumerated().map { number, viewer in
            try Self.saved(viewer.socket, pendingBytes: number % 2 == 0 ? rest : [])
        }
        let surroundings = try Self.surroundings(viewers.map(\.socket), state(saved).bytes())
        try withRelay(threads: threads, surroundings: surroundings) { relay in
            #expect(try relay.request("GET", "/snapshot").body == frames(7))
            #expect(try relay.request("GET", "/snapshot").field("x-frame-sequence") == "\(Self.sequence)")
            try eventually("all are back") { relay.viewers.taken == 8 }
            #expect(relay.connections.openConnections >= 8)
            for (number, viewer) in viewers.enumerated() where number % 2 == 0 {
                #expect(try viewer.client.read(rest.count) == rest)
            }
            #expect(try relay.connect().publish(frames(8)) == Self.sequence + 1)
            for viewer in viewers {
                let (jpeg, chunk) = try Self.part(viewer.client)
                #expect(isSame(jpeg, frames(8)))
                #expect(String(decoding: chunk.prefix(24), as: UTF8.self) == "Content-Type: image/jpeg")
            }
            let metrics = try relay.metrics()
            #expect(metrics["evrelay_viewers_restored_total"] == 8)
            #expect(metrics["evrelay_connections{state=\"stream\"}"] == 8)
            #expect(relay.log.has("restored", "cameras=1", "viewers=8"))
            // A new viewer is served in the same way.
            #expect(try frames.number(of: relay.view().part().jpeg) == 8)
            for viewer in viewers { viewer.client.close() }
            try eventually("they have left") { relay.viewers.taken == 0 }
        }
    }

    @Test func `a viewer gets the latest frame if it has not had it, and the end it has asked for`() throws {
        let behind = try Self.makeViewer()
        let last = try Self.makeViewer()
        let state = state([
            try Self.saved(behind.socket, lastSequence: Self.sequence - 3),
            try Self.saved(last.socket, framesLeft: 1),
        ])
        try withRelay(surroundings: try Self.surroundings([behind.socket, last.socket], state.bytes())) { relay in
            #expect(isSame(try Self.part(behind.client).jpeg, frames(7)))
            try relay.connect().publish(frames(8))
            #expect(isSame(try Self.part(behind.client).jpeg, frames(8)))
            let end = String(decoding: try last.client.readToEnd().suffix(20), as: UTF8.self)
            #expect(end.hasSuffix("--frame--\r\n\r\n0\r\n\r\n"), "\(end)")
            behind.client.close()
        }
    }

    @Test(arguments: ["none", "empty", "cut", "other version", "other digest"])
    func `without a state that can be used the viewers are disconnected, and all else works`(_ what: String) throws {
        let viewer = try Self.makeViewer()
        let good = state([try Self.saved(viewer.socket)]).bytes()
        let digest: [UInt8]? = what == "other digest" ? [UInt8](repeating: 0, count: 32) : nil
        let bytes: [UInt8]? =
            switch what {
            case "none": nil
            case "empty": []
            case "cut": Array(good.dropLast())
            case "other version": Self.ofAnotherVersion(good)
            default: good
            }
        try withRelay(surroundings: try Self.surroundings([viewer.socket], bytes, digest: digest)) { relay in
            #expect(try viewer.client.readToEnd() == [])
            #expect(relay.log.has("what the process before has left cannot be used", "viewers=1"))
            #expect(try relay.request("GET", "/cameras").json()["cameras"] == .array([]))
            try relay.connect().publish(JPEGSamples.grey)
            #expect(try relay.view().part().jpeg == JPEGSamples.grey)
            #expect(relay.log.count("what the process before") == 1)
        }
    }

    @Test func `a socket that the state does not know is closed, and one that is missing is missed by nobody`() throws {
        let known = try Self.makeViewer()
        let unknown = try Self.makeViewer()
        let missing = try Self.makeViewer()
        let state = state([try Self.saved(known.socket), try Self.saved(missing.socket)])
        _ = close(missing.socket.take())
        try withRelay(surroundings: try Self.surroundings([unknown.socket, known.socket], state.bytes())) { relay in
            #expect(try unknown.client.readToEnd() == [])
            try relay.connect().publish(frames(8))
            #expect(isSame(try Self.part(known.client).jpeg, frames(8)))
            #expect(relay.viewers.taken == 1)
            known.client.close()
        }
    }

    @Test func `viewers beyond the limits are disconnected`() throws {
        let viewers = try (0..<5).map { _ in try Self.makeViewer() }
        let state = state(try viewers.map { try Self.saved($0.socket) })
        try withRelay(
            surroundings: try Self.surroundings(viewers.map(\.socket), state.bytes()), { $0.limits.maxViewers = 3 }
        ) { relay in
            try eventually("three have stayed") { viewers.count { $0.client.isReadable } == 2 }
            #expect(relay.viewers.taken == 3)
            for viewer in viewers { viewer.client.close() }
        }
    }

    @Test func `a still scene is sent again to those who were there before`() throws {
        let viewer = try Self.makeViewer()
        let state = state([try Self.saved(viewer.socket)])
        try withRelay(
            surroundings: try Self.surroundings([viewer.socket], state.bytes()),
            { $0.ages.repeatLatest = .milliseconds(300) }
        ) { _ in
            let part = try Self.part(viewer.client)
            #expect(isSame(part.jpeg, frames(7)))
            viewer.client.close()
        }
    }

    @Test func `the shutdown ends a restored stream as any other`() throws {
        let viewer = try Self.makeViewer()
        let state = state([try Self.saved(viewer.socket)])
        try withRelay(
            surroundings: try Self.surroundings([viewer.socket], state.bytes()), { $0.timeouts.drain = .seconds(60) }
        ) { relay in
            try eventually("it is back") { relay.viewers.taken == 1 }
            relay.shutDown()
            let end = StreamForm(boundary: .frame, advanceHeaders: false, isChunked: true).closing
            #expect(try viewer.client.readToEnd() == end)
            try relay.stop(within: .seconds(3))
        }
    }
}
