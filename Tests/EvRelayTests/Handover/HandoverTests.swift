// SPDX-License-Identifier: MIT
import Cameras
import System
import TestSupport
import Testing
import WireFormat

@testable import EvRelay
@testable import LibEvent

@Suite struct HandoverTests {
    private static func viewer(pendingBytes: Int = 0) throws -> Handover.Viewer {
        let socket = try Descriptor(ofUnconnectedSocket: ())
        return Handover.Viewer(
            socket: socket,
            state: SavedState.SavedViewer(
                inode: try #require(socket.inode), camera: .default,
                form: .init(boundary: .frame, advanceHeaders: false, isChunked: true),
                policy: .init(minimumIntervalNanoseconds: nil, framesLeft: nil, lastSequence: nil),
                pendingBytes: [UInt8](repeating: 0, count: pendingBytes)))
    }

    @Test func `nobody is handed over before it begins`() {
        let handover = Handover()
        #expect(!handover.hasBegun)
        #expect(handover.takePlace() == nil)
        #expect(handover.take().isEmpty)
    }

    @Test(arguments: [0, -1]) func `a store without room lets nothing begin`(_ room: Int) {
        let handover = Handover()
        handover.begin(room: room)
        #expect(!handover.hasBegun)
        #expect(handover.takePlace() == nil)
    }

    @Test func `as many find room as the manager keeps`() throws {
        let handover = Handover()
        handover.begin(room: 2)
        #expect(handover.hasBegun)
        for _ in 0..<2 {
            #expect(handover.takePlace() == Handover.maxPendingBytes)
            handover.add(try Self.viewer())
        }
        #expect(handover.takePlace() == nil)
        #expect(handover.hasBegun)
    }

    @Test func `a place is taken before its viewer has come, and given back if it does not`() {
        let handover = Handover()
        handover.begin(room: 1)
        #expect(handover.takePlace() != nil)
        #expect(handover.takePlace() == nil)
        handover.giveUpPlace()
        #expect(handover.takePlace() != nil)
        #expect(handover.take().isEmpty)
    }

    @Test func `loops that ask at the same time get no more places than there are`() throws {
        for _ in 0..<200 {
            let handover = Handover()
            handover.begin(room: 3)
            let places = Counter()
            try together(4) { _ in for _ in 0..<3 where handover.takePlace() != nil { places.add() } }
            #expect(places.value == 3)
        }
    }

    @Test func `what all of them have pending is limited`() throws {
        let handover = Handover()
        handover.begin(room: 100)
        #expect(handover.takePlace() == Handover.maxPendingBytes)
        handover.add(try Self.viewer(pendingBytes: 1_000_000))
        #expect(handover.takePlace() == Handover.maxPendingBytes - 1_000_000)
        handover.add(try Self.viewer(pendingBytes: Handover.maxPendingBytes - 1_000_000))
        // A viewer without pending bytes is still handed over.
        #expect(handover.takePlace() == 0)
        handover.add(try Self.viewer(pendingBytes: 10))
        #expect(handover.takePlace() == 0)
    }

    @Test func `what was collected is given out once, and its sockets are then closed with their owner`() throws {
        let handover = Handover()
        handover.begin(room: 100)
        try together(4) { _ in for _ in 0..<10 { handover.add(try Self.viewer()) } }
        var viewers = handover.take()
        #expect(Set(viewers.map(\.state.inode)).count == 40)
        #expect(viewers.allSatisfy { $0.socket.inode == $0.state.inode })
        #expect(handover.take().isEmpty)
        weak let socket = viewers.first?.socket
        viewers = []
        #expect(socket == nil)
    }
}
