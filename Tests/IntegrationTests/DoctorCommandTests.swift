// SPDX-License-Identifier: MIT
import ArgumentParser
import LibEvent
import TestSupport
import Testing

@testable import EvRelay

/// `evrelay doctor` against a relay without anything in between.
@Suite(.timeLimit(.minutes(1)))
struct DoctorCommandTests {
    @Test func `with nothing in between everything is fine`() throws {
        try withRelay { relay in
            let target = try DoctorTarget(parsing: "http://\(relay.address)/")
            var said = ""
            let status = DoctorCommand.examine(target, in: .english) { said += $0 }
            #expect(status == .success)
            let lines = said.split(separator: "\n")
            #expect(lines.count == 16, "\(said)")
            #expect(lines.dropLast().allSatisfy { $0.hasPrefix("ok   ") }, "\(said)")
            #expect(lines.last == "Everything is fine.")
        }
    }

    @Test func `a path that is not the relay's is told with the proxy's whole part`() throws {
        try withRelay { relay in
            let target = try DoctorTarget(parsing: "http://\(relay.address)/cam")
            var said = ""
            let status = DoctorCommand.examine(target, in: .russian) { said += $0 }
            #expect(status == ExitCode(1))
            #expect(said.contains("bad  Вместо сервера отвечает кто-то другой (код 404)."), "\(said)")
            #expect(said.contains("         location /cam/ {\n"))
        }
    }

    @Test func `a relay that is not there ends with 69`() throws {
        // Nothing listens on port 1 (tcpmux).
        let target = try DoctorTarget(parsing: "http://127.0.0.1:1/")
        var said = ""
        let status = DoctorCommand.examine(target, in: .english) { said += $0 }
        #expect(status == ExitCode(69))
        #expect(said.hasPrefix("bad  No connection: "))
        #expect(said.contains("systemctl status evrelay"))
    }
}
