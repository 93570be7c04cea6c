// SPDX-License-Identifier: MIT
import LibEvent
import System
import TestSupport
import Testing

@testable import Cameras

/// A sink without a connection: what it takes is written down.
private final class Standin: FrameSink {
    var index = 0
    let isViewer: Bool
    /// Lets frames pass while it is true.
    var isBusy = false
    /// The shortest time between two frames.
    var interval: Duration?
    /// Called with each frame that was taken.
    var onFrame: (Frame) -> Void = { _ in }
    private(set) var taken: [Int64] = []
    private(set) var repeated = 0
    private var nextDue: Instant?

    init(isViewer: Bool = true) { self.isViewer = isViewer }

    var isPaced: Bool { interval != nil }

    func take(_ frame: Frame, now: Instant) -> Instant? {
        guard !isBusy, frame.sequence > taken.last ?? .min else { return nil }
        if let interval {
            if let nextDue, now < nextDue { return nextDue }
            nextDue = now + interval
        }
        taken.append(frame.sequence)
        onFrame(frame)
        return nil
    }

    func repeatIfQuiet(_ frame: Frame, after interval: Duration, now: Instant) { repeated += 1 }
}

@Suite struct CameraOnLoopTests {
    private let fixture = FrameFixture(limitBytes: 64 << 20)
    private let inbox = FrameInbox(keeping: .latest)
    private let sent = SentTraffic()
    private let hub: CameraHub
    private let calls = Journal()

    /// What a list has asked its loop for.
    private final class Journal {
        var due: [Instant] = []
        var empty = 0
    }

    init() {
        hub = CameraHub(.init(maxCameras: 9, ages: defaultAges, takeover: .replace), ledger: fixture.ledger)
    }

    private func join(_ isViewer: Bool = true) throws -> CameraHub.Joined {
        try #require(hub.join(.default, inbox, maxViewers: isViewer ? 1000 : nil))
    }

    /// Returns a list with one sink, which is the first to join.
    private func begin(_ sink: Standin = Standin()) throws -> (list: CameraOnLoop, sink: Standin) {
        let joined = try join(sink.isViewer)
        let list = CameraOnLoop(
            joined.camera, in: hub, inbox, sentOnLoop: sent, offerAgain: { [calls] in calls.due.append($0) },
            becameEmpty: { [calls] _ in calls.empty += 1 })
        list.add(sink, latest: joined.latest)
        return (list, sink)
    }

    private func frame(_ sequence: Int64) throws -> Frame { try fixture.frame(of: .default, sequence: sequence) }

    @Test func `each sink gets each frame, and an old one nobody`() throws {
        let (list, first) = try begin()
        let second = Standin(isViewer: false)
        list.add(second, latest: try join(false).latest)
        #expect(list.deliver(try frame(5), now: moment(0)))
        #expect(!list.deliver(try frame(5), now: moment(0)))
        #expect(!list.deliver(try frame(4), now: moment(0)))
        #expect(list.deliver(try frame(7), now: moment(0)))
        #expect(first.taken == [5, 7] && second.taken == [5, 7])
        #expect(list.latest?.sequence == 7)
    }

    @Test func `who joins gets the latest frame at once`() throws {
        let (list, _) = try begin()
        list.deliver(try frame(5), now: moment(0))
        let late = Standin()
        _ = try join()
        list.add(late, latest: nil)
        #expect(late.taken == [5])
    }

    /// Its copy in the inbox is read as an old one, so nobody would get it before the next.
    @Test func `a frame that a newcomer brings is delivered to all`() throws {
        let (list, first) = try begin()
        list.deliver(try frame(5), now: moment(0))
        let late = Standin()
        _ = try join()
        list.add(late, latest: try frame(6))
        #expect(first.taken == [5, 6])
        #expect(late.taken == [6])
        #expect(!list.deliver(try frame(6), now: moment(0)))
    }

    @Test func `a busy sink gets the latest frame when it asks, and not those between`() throws {
        let (list, sink) = try begin()
        sink.isBusy = true
        for sequence in 1...5 { list.deliver(try frame(Int64(sequence)), now: moment(0)) }
        #expect(sink.taken == [])
        sink.isBusy = false
        list.offerLatest(to: sink)
        #expect(sink.taken == [5])
    }

    @Test func `a sink that is too early is offered the latest frame at its time, the others are not`() throws {
        let (list, eager) = try begin()
        let paced = Standin()
        paced.interval = .seconds(1)
        _ = try join()
        list.add(paced, latest: nil)
        list.deliver(try frame(1), now: moment(0))
        list.deliver(try frame(2), now: moment(0.2))
        #expect(paced.taken == [1])
        #expect(calls.due == [moment(1)])
        eager.isBusy = true
        list.deliver(try frame(3), now: moment(0.5))
        eager.isBusy = false
        list.offerLatest(now: moment(1))
        #expect(paced.taken == [1, 3])
        #expect(eager.taken == [1, 2])
    }

    @Test func `the latest frame is repeated by whoever is there`() throws {
        let (list, sink) = try begin()
        list.repeatLatest(after: .seconds(5), now: moment(10))
        #expect(sink.repeated == 0)
        list.deliver(try frame(1), now: moment(0))
        list.repeatLatest(after: .seconds(5), now: moment(10))
        #expect(sink.repeated == 1)
    }

    @Test func `what sinks have sent is counted for the camera and the loop`() throws {
        let (list, sink) = try begin()
        sink.onFrame = { [list] _ in
            list.count(sentBytes: 110)
            list.count(skippedFrames: 2)
        }
        list.deliver(try frame(1), now: moment(0))
        list.deliver(try frame(4), now: moment(1))
        for traffic in [sent, list.camera.traffic.sent] {
            #expect(traffic.frames.value == 2 && traffic.bytes.value == 220 && traffic.skipped.value == 4)
        }
        // It keeps the list.
        sink.onFrame = { _ in }
    }

    @Test func `the last who leaves empties the list, and the camera has no viewer any more`() throws {
        let (list, first) = try begin()
        let second = Standin(isViewer: false)
        list.add(second, latest: try join(false).latest)
        #expect(list.camera.viewers == 1)
        list.remove(first)
        #expect(list.camera.viewers == 0 && !list.isEmpty && calls.empty == 0)
        list.remove(second)
        #expect(list.isEmpty && calls.empty == 1)
        #expect(try fixture.publish(to: .default, in: hub).inboxes.isEmpty)
    }

    @Test func `a sink may leave while it takes a frame, whoever else is there`() throws {
        let (list, first) = try begin()
        var sinks = [first]
        for _ in 0..<9 {
            sinks.append(Standin(isViewer: false))
            list.add(sinks[sinks.count - 1], latest: try join(false).latest)
        }
        for (index, sink) in sinks.enumerated() where index % 3 != 1 {
            sink.onFrame = { [list, unowned sink] _ in list.remove(sink) }
        }
        list.deliver(try frame(1), now: moment(0))
        #expect(sinks.allSatisfy { $0.taken == [1] })
        list.deliver(try frame(2), now: moment(0))
        #expect(sinks.enumerated().allSatisfy { $1.taken == ($0 % 3 == 1 ? [1, 2] : [1]) })
    }

    /// Joins, leaves, frames and busy sinks in any order.
    @Test(arguments: (0..<200).map { _ in UInt64.random(in: 0...UInt64.max) })
    func `whatever happens, frames only grow, and who is idle has the latest`(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let (list, first) = try begin()
        var sinks = [first]
        var sequence: Int64 = 0
        for _ in 0..<200 {
            let sink = sinks.randomElement(using: &random) ?? first
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                let joined = try join()
                let known = Bool.random(using: &random) ? try frame(sequence + 1) : nil
                if known != nil { sequence += 1 }
                sinks.append(Standin())
                list.add(sinks[sinks.count - 1], latest: known ?? joined.latest)
            case 1 where sinks.count > 1:
                list.remove(sink)
                sinks.removeAll { $0 === sink }
            case 2: sink.isBusy = true
            case 3:
                sink.isBusy = false
                list.offerLatest(to: sink)
            default:
                sequence += Int64.random(in: 1...3, using: &random)
                list.deliver(try frame(sequence), now: moment(0))
            }
            for sink in sinks {
                #expect(zip(sink.taken, sink.taken.dropFirst()).allSatisfy { $0 < $1 }, "seed \(seed)")
                if !sink.isBusy { #expect(sink.taken.last == list.latest?.sequence, "seed \(seed)") }
            }
            #expect(list.camera.viewers == sinks.count, "seed \(seed)")
        }
        for sink in sinks { list.remove(sink) }
        #expect(list.isEmpty && calls.empty == 1, "seed \(seed)")
    }
}
