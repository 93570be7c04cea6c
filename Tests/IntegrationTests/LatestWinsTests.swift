// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import System
import TestSupport
import Testing

@testable import EvRelay

@Suite(.overEachTransport) struct LatestWinsTests {
    @Test(arguments: [1, 4])
    func `a stalled viewer costs the others nothing and gets the newest frame later`(threads: Int) throws {
        let frames = FrameSeries(byteCount: 100_000)
        try withRelay(threads: threads) { relay in
            let stalled = try relay.view(receiveBufferBytes: 8_192)
            let healthy = try relay.view()
            let camera = try relay.connect()
            for number in 1...100 {
                try camera.publish(frames(number))
                #expect(try frames.number(of: try healthy.part().jpeg) == number)
            }
            // The part in progress when it stopped reading comes first, then the newest frame.
            var numbers: [Int] = []
            while numbers.last != 100 { numbers.append(try frames.number(of: try stalled.part().jpeg)) }
            #expect(numbers == numbers.sorted())
            // A 100 KB frame fits neither into its receive buffer nor into what the kernel takes to send. Whatever the
            // size of the kernel's buffers, most of the frames were skipped, and none was queued.
            #expect(numbers.count <= 40, "\(numbers)")
            try camera.publish(frames(101))
            #expect(try frames.number(of: try stalled.part().jpeg) == 101)
        }
    }

    @Test func `a viewer that accepts nothing for the stall time is disconnected`() throws {
        let frames = FrameSeries(byteCount: 1 << 20)
        try withRelay({ $0.timeouts.stall = .milliseconds(500) }) { relay in
            let healthy = try relay.view()
            let stalled = try relay.view(receiveBufferBytes: 8_192)
            let camera = try relay.connect()
            var number = 0
            try eventually("the stalled viewer has left") {
                number += 1
                try camera.publish(frames(number))
                #expect(try frames.number(of: try healthy.part().jpeg) == number)
                return relay.viewers.taken == 1
            }
            #expect(relay.log.has("viewer left", "reason=stalled"), "\(relay.log.all)")
            try stalled.client.waitForEnd()
            try camera.publish(frames(number + 1))
            #expect(try frames.number(of: try healthy.part().jpeg) == number + 1)
        }
    }

    @Test func `a viewer that is slow, but reads, stays`() throws {
        let frames = FrameSeries(byteCount: 1_000_000)
        try withRelay({ $0.timeouts.stall = .milliseconds(1_500) }) { relay in
            let slow = try relay.view(receiveBufferBytes: 65_536)
            // One part takes longer than the stall time.
            slow.client.bytesPerSecond = 400_000
            let start = SystemClock.monotonic()
            try relay.connect().publish(frames(1))
            #expect(try frames.number(of: try slow.part().jpeg) == 1)
            #expect(SystemClock.monotonic() - start > .milliseconds(1_500))
            #expect(relay.viewers.taken == 1)
        }
    }

    /// A viewer that joins brings the newest frame to its loop, perhaps before the loop's inbox is read. That frame
    /// must not count as known from then on: the other viewers, which have not got it, would see the frame before it
    /// until the next one.
    @Test(arguments: [1, 4])
    func `who joins while a frame is on its way takes it from nobody`(threads: Int) throws {
        let frames = FrameSeries(byteCount: 2_000)
        try withRelay(threads: threads) { relay in
            let viewers = try (0..<8).map { _ in try relay.view() }
            let camera = try relay.connect()
            for number in 1...100 {
                let joining = try (0..<4).map { _ in try relay.connect() }
                let head = RequestText.head("GET", "/stream?frames=1")
                try camera.send(RequestText.upload(frames(number)))
                for client in joining { try client.send(head) }
                #expect(try camera.readResponse(to: "POST").status == 200)
                for viewer in viewers { #expect(try frames.number(of: try viewer.part().jpeg) == number) }
            }
        }
    }

    /// The property itself is an age: with the kernel's usual send buffer such a viewer sees pictures 5 to 7 s old.
    @Test func `a viewer that reads 300 kB of 800 kB a second sees fresh pictures`() throws {
        let frames = FrameSeries(byteCount: 40_000)
        try withRelay { relay in
            let viewer = try relay.view(receiveBufferBytes: 16_384)
            viewer.client.bytesPerSecond = 300_000
            let (address, tls) = (relay.address, relay.tls)
            let camera = try Beside { signal in
                let client = try TestClient(address, tls: tls)
                var number = 0
                let start = SystemClock.monotonic()
                while !signal.isStopping {
                    number += 1
                    pause(until: start + .milliseconds(50 * number))
                    try client.publish(frames(number))
                }
            }
            var ages: [Int64] = []
            let end = SystemClock.monotonic() + .seconds(4)
            while SystemClock.monotonic() < end {
                let part = try viewer.part()
                _ = try frames.number(of: part.jpeg)
                ages.append((part.receivedMicroseconds - (part.timestampMicroseconds ?? 0)) / 1000)
            }
            try camera.stop()
            #expect(ages.count >= 15)
            let settled = ages.dropFirst(5).sorted()
            #expect(settled[settled.count / 2] < 500, "\(ages)")
            #expect(try #require(settled.last) < 1_000, "\(ages)")
        }
    }
}
