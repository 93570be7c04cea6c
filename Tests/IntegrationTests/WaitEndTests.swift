// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import TestSupport
import Testing

@testable import EvRelay

/// The ends of a snapshot request that waits for a frame.
@Suite(.overEachTransport) struct WaitEndTests {
    /// A single request without a key ended the process. The last wait of a camera was answered and its list released,
    /// and then the end of the connection used that list; unless the answer was out at once and the connection stayed.
    @Test(arguments: ["1.0", "1.1"], [true, false])
    func `the last one that waits may get a frame it does not read, and go`(_ version: String, _ isReset: Bool) throws {
        let frames = FrameSeries(byteCount: 4_000_000)
        try withRelay { relay in
            let camera = try relay.connect()
            for number in 1...4 {
                let sequence = try camera.publish(frames(number * 2))
                let client = try relay.connect(receiveBufferBytes: 4096)
                let target = "/snapshot?after=\(sequence)"
                try client.send(RequestText.head("GET", target, ["Connection: close"], version: version))
                try eventually("it waits") { try camera.request("GET", "/metrics").text.contains(Self.oneWaits) }
                try camera.publish(frames(number * 2 + 1))
                try eventually("it is answered") { client.isReadable }
                if isReset { try client.reset() } else { client.close() }
                try eventually("it is gone") { relay.connections.openConnections == 1 }
            }
            #expect(try camera.request("GET", "/healthz").status == 200)
        }
    }

    private static let oneWaits = "evrelay_connections{state=\"wait\"} 1"

    @Test func `one that no frame comes for ends with its answer`() throws {
        try withRelay { relay in
            let camera = try relay.connect()
            let sequence = try camera.publish(JPEGSamples.grey)
            for fields in [["Connection: close"], []] {
                let client = try relay.connect()
                try client.send(RequestText.head("GET", "/snapshot?after=\(sequence)", fields))
                try eventually("it waits") { try camera.request("GET", "/metrics").text.contains(Self.oneWaits) }
                // The end of the client's data stands for the end of the wait.
                try client.shutdownWrite()
                #expect(try client.readResponse().status == 204)
                #expect(try client.readToEnd() == [])
            }
            #expect(try camera.request("GET", "/healthz").status == 200)
        }
    }

    @Test func `a drain answers those that wait and do not read`() throws {
        let frames = FrameSeries(byteCount: 4_000_000)
        try withRelay { relay in
            let camera = try relay.connect()
            let sequence = try camera.publish(frames(1))
            let clients = try (0..<3).map { number in
                let client = try relay.connect(receiveBufferBytes: 4096)
                try client.send(
                    RequestText.head("GET", "/snapshot?after=\(sequence)", number == 0 ? [] : ["Connection: close"]))
                return client
            }
            try eventually("they wait") {
                try camera.request("GET", "/metrics").text.contains("evrelay_connections{state=\"wait\"} 3")
            }
            relay.shutDown()
            for client in clients { #expect(try client.readResponse().status == 204) }
        }
    }
}
