// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import Synchronization
import System
import TestSupport
import Testing

@testable import EvRelay

/// Publishers that send to one camera at the same time, each from its own thread.
@Suite struct ConcurrentPublisherTests {
    /// The number of publishers that send each frame in its own request; the others stream.
    private static let singles = 4
    private static let publishers = 6
    private static let frames = 60
    private static func id(_ publisher: Int) -> [String] { ["X-Publisher-ID: publisher-\(publisher)"] }

    /// Returns a publisher's frames. Their size identifies the publisher.
    private static func series(_ publisher: Int) -> FrameSeries { FrameSeries(byteCount: 3_000 + 100 * publisher) }

    /// Returns the publisher of a frame, and the frame's number.
    private static func origin(of jpeg: [UInt8]) throws -> (publisher: Int, number: Int) {
        let publisher = (jpeg.count - 3_000) / 100
        return (publisher, try series(publisher).number(of: jpeg))
    }

    /// Sends frames one after another, each in its own request, whatever the answer.
    private static func sendFrames(_ relay: ClientAddress, as publisher: Int) throws {
        var client = try TestClient(relay)
        for number in 1...frames {
            let answer: TestResponse
            do {
                answer = try client.upload(series(publisher)(number), to: "door", id(publisher))
            } catch {
                // A refusal at the head ends the connection, which can cut off the answer while the body is sent.
                client = try TestClient(relay)
                continue
            }
            guard answer.status == 200 || answer.reason == "camera-taken-over" else { throw WaitError(answer.text) }
            if answer.status != 200 { client = try TestClient(relay) }
        }
    }

    /// Sends frames in one request until the publisher is replaced, or told to stop.
    private static func stream(_ relay: ClientAddress, as publisher: Int, until stop: Beside.Signal) throws {
        let upload = StreamingUpload(framing: .chunked)
        let client = try TestClient(relay)
        guard try client.sendUntilAnswered(upload.head(to: "door", id(publisher))) else { return }
        var number = 0
        var due = SystemClock.monotonic()
        while !stop.isStopping {
            number += 1
            guard try client.sendUntilAnswered(upload.part(series(publisher)(number))) else { return }
            due = due + .milliseconds(2)
            pause(until: due)
        }
    }

    /// Returns the order of publishers that a viewer sees until the first frame of `last`. Their frame numbers must
    /// grow.
    private static func order(seenBy viewer: StreamReader, until last: Int) throws -> [Int] {
        var order: [Int] = []
        var latest = 0
        while order.last != last {
            let (publisher, number) = try origin(of: viewer.part().jpeg)
            if publisher != order.last { order.append(publisher) } else if number <= latest { throw WaitError("order") }
            latest = number
        }
        return order
    }

    @Test(arguments: [1, 4]) func `no viewer sees a publisher again that was replaced`(_ threads: Int) throws {
        // A machine that stalls for a moment must not free the camera.
        try withRelay(threads: threads, { $0.ages.stale = .seconds(60) }) { relay in
            let viewers = try (0..<8).map { _ in try relay.view("/stream/door") }
            let address = relay.address
            let streams = try (Self.singles..<Self.publishers).map { publisher in
                try Beside { stop in try Self.stream(address, as: publisher, until: stop) }
            }
            try together(Self.singles) { publisher in try Self.sendFrames(address, as: publisher) }
            // Each publisher took over once, as a newcomer, and was refused permanently once it was replaced.
            let takeovers = "evrelay_camera_takeovers_total{camera=\"door\"}"
            try relay.wait(for: takeovers, Double(Self.publishers - 1))
            let last = Self.publishers
            #expect(try relay.connect().upload(Self.series(last)(1), to: "door", Self.id(last)).status == 200)
            for viewer in viewers {
                let order = try Self.order(seenBy: viewer, until: last)
                #expect(Set(order).count == order.count, "\(order)")
            }
            for stream in streams { try stream.stop() }
            try relay.wait(for: takeovers, Double(Self.publishers))
        }
    }

    @Test(arguments: [1, 4]) func `where newcomers are refused one publisher wins, and all see it alone`(
        _ threads: Int
    ) throws {
        try withRelay(
            threads: threads,
            {
                $0.ages.stale = .seconds(60)
                $0.takeover = .refuse
            }
        ) { relay in
            let viewers = try (0..<4).map { _ in try relay.view("/stream/door") }
            let address = relay.address
            let winners = Mutex<[Int]>([])
            try together(4) { publisher in
                let answer = try TestClient(address).upload(
                    Self.series(publisher)(1), to: "door", Self.id(publisher))
                if answer.status == 200 { winners.withLock { $0.append(publisher) } }
            }
            let winner = try #require(winners.withLock { $0.first })
            #expect(winners.withLock { $0.count } == 1)
            for viewer in viewers {
                let publisher = try Self.origin(of: viewer.part().jpeg).publisher
                #expect(publisher == winner)
            }
        }
    }
}
