// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@testable import EvRelay

@Suite struct SettingsTemplateTests {
    private let lines = SettingsTemplate.text().split(separator: "\n").map { String($0) }

    @Test func `as it stands it sets the sockets of systemd and nothing else`() throws {
        let file = try SettingsFile(Array(SettingsTemplate.text().utf8), path: "e.conf")
        let sources = SettingSources(typed: [:], environment: [:], file: file)
        var expected = Configuration(cores: 4)
        expected.listen = [.systemd]
        #expect(try sources.configuration(cores: 4) == expected)
    }

    @Test func `with every line in force it says the defaults`() throws {
        let active = lines.map { $0.hasPrefix("#EVRELAY_") ? String($0.dropFirst()) : $0 }.joined(separator: "\n")
        let file = try SettingsFile(Array(active.utf8), path: "e.conf")
        #expect(file.entries.count == Setting.all.count)
        var expected = Configuration(cores: 4)
        expected.listen = [.systemd]
        #expect(
            try SettingSources(typed: [:], environment: [:], file: file).configuration(cores: 4) == expected)
    }

    @Test func `each setting stands below its words, with range and default`() throws {
        for setting in Setting.all {
            let start = try #require(lines.firstIndex { $0.contains("\(setting.variable)=") }, "\(setting.name)")
            let words = lines[..<start].reversed().prefix { $0.hasPrefix("# ") && !$0.hasPrefix("# ----") }
            let text = words.reversed().map { $0.dropFirst(2) }.joined(separator: " ")
            #expect(text.contains(setting.summary))
            #expect(text.contains("Accepted: \(setting.acceptedText). Default: \(setting.defaultText)."))
            #expect(text.contains("Changes with a restart only.") == setting.needsRestart)
        }
    }

    @Test func `no line is longer than a terminal's`() {
        #expect(lines.allSatisfy { $0.count <= 90 })
    }
}
