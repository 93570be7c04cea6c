// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import System
import TestSupport
import Testing

@testable import EvRelay

@Suite(.overEachTransport) struct StreamTests {
    @Test(arguments: [1, 4])
    func `who joins late gets the latest frame at once`(threads: Int) throws {
        let frames = FrameSeries(byteCount: 40_000)
        try withRelay(threads: threads) { relay in
            let camera = try relay.connect()
            for number in 1...5 { try camera.publish(frames(number)) }
            for _ in 1...8 {
                let viewer = try relay.view()
                #expect(try frames.number(of: try viewer.part().jpeg) == 5)
            }
        }
    }

    @Test(arguments: [StreamReader.Form.plain, .browser])
    func `the stream of a camera that has not sent waits for it`(form: StreamReader.Form) throws {
        try withRelay { relay in
            // The head has arrived, or this would not return.
            let viewer = try relay.view("/stream/shed?advance_headers=\(form == .browser ? 1 : 0)", form: form)
            #expect(try relay.request("GET", "/cameras").json()["cameras"] == .array([]))
            #expect(try relay.request("GET", "/cameras/shed").status == 404)
            try relay.connect().publish(JPEGSamples.grey, to: "shed")
            #expect(try viewer.part().jpeg == JPEGSamples.grey)
            #expect(try relay.request("GET", "/cameras/shed").json()["viewers"]?.int == 1)
        }
    }

    @Test(arguments: [1, 2, 5])
    func `frames=N ends the stream after N frames`(count: Int) throws {
        let frames = FrameSeries(byteCount: 10_000)
        try withRelay { relay in
            let camera = try relay.connect()
            let viewers = [
                try relay.view("/stream?frames=\(count)"),
                try relay.view("/stream?frames=\(count)&advance_headers=1", form: .browser),
                try relay.view("/stream?frames=\(count)", version: "1.0"),
                try relay.view("/?action=stream&frames=\(count)&advance_headers=1", form: .browser),
            ]
            for number in 1...count {
                try camera.publish(frames(number))
                for viewer in viewers { #expect(try frames.number(of: try viewer.part().jpeg) == number) }
            }
            for viewer in viewers { #expect(try viewer.nextPart() == nil) }
            try eventually("nobody watches") { relay.viewers.taken == 0 }
        }
    }

    @Test func `fps caps the rate and the newest frame wins`() throws {
        let frames = FrameSeries(byteCount: 3_000)
        try withRelay { relay in
            let all = try relay.view()
            let capped = try relay.view("/stream?fps=5")
            let camera = try relay.connect()
            // 50 frames a second for one second.
            let start = SystemClock.monotonic()
            for number in 1...50 {
                pause(until: start + .milliseconds(20 * number))
                try camera.publish(frames(number))
                #expect(try frames.number(of: try all.part().jpeg) == number)
            }
            let fifths = Int((SystemClock.monotonic() - start).wholeMilliseconds / 200)
            var numbers: [Int] = []
            while numbers.last != 50 { numbers.append(try frames.number(of: try capped.part().jpeg)) }
            #expect(numbers == numbers.sorted())
            // Five a second: the first at once, and the last when it is due.
            #expect((fifths - 1...fifths + 3).contains(numbers.count), "\(numbers)")
        }
    }

    @Test func `a camera at the very rate that was asked for loses nothing`() throws {
        let frames = FrameSeries(byteCount: 3_000)
        try withRelay { relay in
            let viewer = try relay.view("/stream?fps=1000&frames=20")
            let camera = try relay.connect()
            for number in 1...20 {
                try camera.publish(frames(number))
                #expect(try frames.number(of: try viewer.part().jpeg) == number)
            }
            #expect(try viewer.nextPart() == nil)
        }
    }

    @Test(arguments: [StreamReader.Form.plain, .browser])
    func `a still scene repeats its latest frame`(form: StreamReader.Form) throws {
        try withRelay({ $0.ages.repeatLatest = .milliseconds(300) }) { relay in
            try relay.connect().publish(JPEGSamples.colour)
            let viewer = try relay.view("/stream?advance_headers=\(form == .browser ? 1 : 0)", form: form)
            let first = try viewer.part()
            for _ in 1...3 {
                let again = try viewer.part()
                #expect(again.jpeg == JPEGSamples.colour)
                // The time is that of the frame, not that of its repetition.
                #expect(again.timestampMicroseconds == first.timestampMicroseconds)
            }
        }
    }

    @Test(arguments: [
        "fps=0", "fps=0.009", "fps=1001", "fps=-1", "fps=nan", "fps=1e2", "fps=", "fps=ten", "frames=0", "frames=-1",
        "frames=1000000001", "frames=1.5", "frames=", "advance_headers=2", "advance_headers=yes", "advance_headers=",
    ])
    func `an impossible value is refused by name`(query: String) throws {
        try withRelay { relay in
            let answer = try relay.request("GET", "/stream?\(query)")
            #expect(answer.status == 400)
            #expect(answer.reason == "bad-parameter")
            #expect(answer.text.contains(query.prefix(while: { $0 != "=" })))
            #expect(relay.viewers.taken == 0)
        }
    }

    @Test(arguments: [
        "fps=0.01", "fps=1000", "fps=25", "frames=1", "frames=1000000000", "advance_headers=0", "ignored=1",
        "ignored", "FPS=0",
    ])
    func `a possible value, or an unknown name, is not`(query: String) throws {
        try withRelay { relay in
            try relay.connect().publish(JPEGSamples.grey)
            #expect(try relay.view("/stream?\(query)").part().jpeg == JPEGSamples.grey)
        }
    }

    @Test func `a viewer with something to say behind its request is disconnected`() throws {
        try withRelay { relay in
            let viewer = try relay.view()
            try viewer.client.send(String(repeating: "x", count: 4_096))
            try relay.connect().publish(JPEGSamples.grey)
            #expect(try viewer.part().jpeg == JPEGSamples.grey)
            try viewer.client.send("x")
            try viewer.client.waitForEnd()
            try eventually("the viewer has left") { relay.log.has("viewer left", "reason=abuse") }
            #expect(relay.viewers.taken == 0)
        }
    }

    @Test func `coming and going is logged once, frames are not`() throws {
        try withRelay { relay in
            let camera = try relay.connect()
            let viewer = try relay.view("/stream/door")
            for _ in 1...10 { try camera.publish(JPEGSamples.grey, to: "door") }
            for _ in 1...10 { _ = try viewer.part() }
            viewer.client.close()
            try eventually("the viewer has left") {
                relay.log.has("viewer left", "camera.id=door", "reason=peer", "frames.sent=10", "frames.skipped=0")
            }
            #expect(relay.log.count("viewer joined", ["camera.id=door"]) == 1)
            #expect(relay.log.count("camera live", ["camera.id=door", "frame.width=64"]) == 1)
            // Starting, listening, live, joined, left; with TLS the certificate and a second address.
            #expect(relay.log.ordinary.count == (relay.tls == nil ? 5 : 7), "\(relay.log.all)")
        }
    }
}
