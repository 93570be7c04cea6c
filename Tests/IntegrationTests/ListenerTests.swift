// SPDX-License-Identifier: MIT
import LibEvent
import System
import TestSupport
import Testing
import WireFormat

@testable import EvRelay

@Suite struct ListenerTests {
    @Test(arguments: [1, 4])
    func `a unix socket serves as a port does`(threads: Int) throws {
        let path = "/tmp/evrelay-test-\(ProcessControl.randomNumber()).sock"
        // The second run must be able to listen at the path, whatever the first leaves there.
        for _ in 1...2 {
            try withRelay(threads: threads, { $0.listen = [.unix(path: path)] }) { relay in
                #expect(relay.addresses.map(\.text) == ["unix:\(path)"])
                let viewers = try (0..<8).map { _ in try relay.view() }
                // Any client that reaches the socket's file is on this machine.
                try relay.connect().publish(JPEGSamples.grey)
                for viewer in viewers { #expect(try viewer.part().jpeg == JPEGSamples.grey) }
            }
        }
    }

    @Test func `several listeners share cameras and viewers`() throws {
        let path = "/tmp/evrelay-test-\(ProcessControl.randomNumber()).sock"
        try withRelay(
            threads: 2,
            {
                $0.listen = [
                    .internet(.loopback, port: 0), .internet(.v6([0, 0, 0, 0, 0, 0, 0, 1]), port: 0), .unix(path: path),
                ]
            }
        ) { relay in
            #expect(relay.addresses.count == 3)
            guard let six = relay.addresses[1].port else { throw WaitError("a port") }
            let viewer = try relay.view()
            try TestClient(.tcp(host: "::1", port: six)).publish(JPEGSamples.grey)
            #expect(try viewer.part().jpeg == JPEGSamples.grey)
            try TestClient(.unix(path: path)).publish(JPEGSamples.colour)
            #expect(try viewer.part().jpeg == JPEGSamples.colour)
        }
    }

    @Test func `a port that is taken ends the start with its name`() throws {
        try withRelay { relay in
            guard let port = relay.addresses.first?.port else { throw WaitError("a port") }
            var configuration = Configuration(cores: 1)
            configuration.listen = [.internet(.loopback, port: port)]
            let error = #expect(throws: ServiceError.self) { try RunningRelay(configuration) }
            #expect(error?.exitStatus == 69)
            #expect(error?.message.contains("127.0.0.1:\(port)") == true)
            #expect(try relay.request("GET", "/healthz").status == 200)
        }
    }
}
