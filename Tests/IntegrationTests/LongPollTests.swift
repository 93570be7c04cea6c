// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import TestSupport
import Testing

@testable import EvRelay

@Suite(.overEachTransport) struct LongPollTests {
    @Test(arguments: [1, 4])
    func `a request with after waits for the next frame, on one connection`(threads: Int) throws {
        let frames = FrameSeries(byteCount: 40_000)
        try withRelay(threads: threads) { relay in
            let camera = try relay.connect()
            var sequence = try camera.publish(frames(0))
            let client = try relay.connect()
            for number in 1...10 {
                try client.send(RequestText.head("GET", "/snapshot?after=\(sequence)"))
                // Nothing shows whether the request has arrived yet; it must be answered in both cases.
                try camera.publish(frames(number))
                let answer = try client.readResponse()
                #expect(answer.status == 200)
                #expect(try frames.number(of: answer.body) == number)
                sequence = try #require(answer.field("x-frame-sequence").flatMap { Int64($0) })
            }
            #expect(try client.request("GET", "/healthz").status == 200)
        }
    }

    @Test func `nothing is answered before there is a newer frame`() throws {
        try withRelay { relay in
            let camera = try relay.connect()
            let sequence = try camera.publish(JPEGSamples.grey)
            let client = try relay.connect()
            try client.send(RequestText.head("GET", "/snapshot?after=\(sequence + 1)"))
            // These follow it on the same loop: when they are answered, it has been examined.
            for _ in 1...3 { #expect(try camera.request("GET", "/healthz").status == 200) }
            #expect(!client.isReadable)
            try camera.publish(JPEGSamples.colour)
            for _ in 1...3 { #expect(try camera.request("GET", "/healthz").status == 200) }
            #expect(!client.isReadable)
            try camera.publish(JPEGSamples.progressive)
            #expect(try client.readResponse().body == JPEGSamples.progressive)
        }
    }

    @Test func `an older sequence is answered at once`() throws {
        try withRelay { relay in
            let client = try relay.connect()
            let sequence = try client.publish(JPEGSamples.grey)
            #expect(try client.request("GET", "/snapshot?after=0").body == JPEGSamples.grey)
            #expect(try client.request("GET", "/snapshot?after=\(sequence - 1)").body == JPEGSamples.grey)
            // HEAD does not wait.
            #expect(try client.request("HEAD", "/snapshot?after=\(sequence)").status == 200)
        }
    }

    @Test func `requests behind one that waits are answered in their turn`() throws {
        try withRelay { relay in
            let camera = try relay.connect()
            let sequence = try camera.publish(JPEGSamples.grey)
            let client = try relay.connect()
            try client.send(
                RequestText.head("GET", "/snapshot?after=\(sequence)") + RequestText.head("GET", "/healthz")
                    + RequestText.head("HEAD", "/snapshot"))
            for _ in 1...3 { #expect(try camera.request("GET", "/healthz").status == 200) }
            #expect(!client.isReadable)
            try camera.publish(JPEGSamples.colour)
            #expect(try client.readResponse().body == JPEGSamples.colour)
            #expect(try client.readResponse().json()["status"]?.string == "ok")
            #expect(try client.readResponse(to: "HEAD").field("etag") == "\"\(sequence + 1)\"")
        }
    }

    @Test(arguments: [false, true])
    func `a client that goes while it waits leaves nothing behind`(isReset: Bool) throws {
        try withRelay({
            $0.ages.stale = .milliseconds(100)
            $0.ages.offline = .milliseconds(200)
            $0.ages.forget = .milliseconds(300)
        }) { relay in
            let camera = try relay.connect()
            let sequence = try camera.publish(JPEGSamples.grey, to: "door")
            let client = try relay.connect()
            try client.send(RequestText.head("GET", "/snapshot/door?after=\(sequence)"))
            for _ in 1...3 { #expect(try camera.request("GET", "/healthz").status == 200) }
            #expect(relay.connections.openConnections == 2)
            // A waiting snapshot is no viewer.
            #expect(try camera.request("GET", "/cameras/door").json()["viewers"]?.int == 0)
            try isReset ? client.reset() : client.close()
            try eventually("the connection is gone") { relay.connections.openConnections == 1 }
            // A camera with a waiting client is never forgotten.
            try eventually("the camera is forgotten") { try camera.request("GET", "/cameras/door").status == 404 }
        }
    }

    /// A frame that arrives while a request changes from "nothing newer" to waiting must answer it: the two happen on
    /// different loops. If it were lost, the answer would only come with the frame after it.
    @Test func `no frame slips through between asking and waiting`() throws {
        try withRelay(threads: 4) { relay in
            let (address, tls) = (relay.address, relay.tls)
            let first = try relay.connect().publish(JPEGSamples.grey)
            let clients = 6
            let rounds = 150
            // All ask for the same next frame at the moment at which it is uploaded.
            let camera = try TestClient(address, tls: tls)
            let pollers = try (0..<clients).map { _ in try TestClient(address, tls: tls) }
            for round in 0..<rounds {
                let sequence = first + Int64(round)
                for poller in pollers.prefix(clients / 2) {
                    try poller.send(RequestText.head("GET", "/snapshot?after=\(sequence)"))
                }
                try camera.send(RequestText.upload(JPEGSamples.grey))
                for poller in pollers.suffix(clients / 2) {
                    try poller.send(RequestText.head("GET", "/snapshot?after=\(sequence)"))
                }
                #expect(try camera.readResponse(to: "POST").status == 200)
                for poller in pollers { #expect(try poller.readResponse().field("etag") == "\"\(sequence + 1)\"") }
            }
        }
    }
}
