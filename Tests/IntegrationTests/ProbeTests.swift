// SPDX-License-Identifier: MIT
import LibEvent
import System
import TestSupport
import Testing
import WireFormat

@testable import EvRelay

/// `evrelay probe` against running relays.
@Suite(.timeLimit(.minutes(1)))
struct ProbeTests {
    private func result(_ url: String) throws -> ProbeResult { Probe.ask(ProbeTarget(try DoctorTarget(parsing: url))) }

    @Test func `a relay is healthy at its root and nowhere else`() throws {
        try withRelay { relay in
            let atRoot = try result("http://\(relay.address)/")
            #expect(atRoot == .healthy(version: Version.current))
            let elsewhere = try result("http://\(relay.address)/cam/")
            #expect(elsewhere == .unhealthy("it answers with status 404"))
        }
    }

    @Test func `a relay on a unix socket is found by its settings`() throws {
        let listen = ListenAddress.unix(path: "/tmp/evrelay-test-\(ProcessControl.randomNumber()).sock")
        try withRelay({ $0.listen = [listen] }) { _ in
            var configuration = Configuration()
            configuration.listen = [listen]
            let target = try #require(ProbeTarget(configuration))
            #expect(Probe.ask(target) == .healthy(version: Version.current))
        }
    }

    @Test func `what listens nowhere is silent`() throws {
        // Nothing listens on port 1 (tcpmux).
        let result = try result("http://127.0.0.1:1/")
        #expect(result.exitStatus == 69)
    }

    @Test func `a name that cannot be one is silent`() throws {
        let result = try result("http://no_such_name.invalid/")
        #expect(result.exitStatus == 69)
    }
}
