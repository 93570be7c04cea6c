// SPDX-License-Identifier: MIT
import ArgumentParser
import FoundationEssentials
import Testing

@testable import EvRelay

/// `--help` and `docs/configuration.md` agree with the table of settings.
@Suite struct HelpAndReferenceTests {
    @Test(arguments: ["", "serve"])
    func `help has each flag under its title with default, range and variable`(_ command: String) throws {
        let help =
            command.isEmpty
            ? EvRelayCommand.helpMessage(columns: 1000)
            : EvRelayCommand.helpMessage(for: ServeCommand.self, columns: 1000)
        for group in SettingGroup.allCases {
            let title = group.rawValue.uppercased() + ":\n"
            let section = try #require(help.lines(after: title)?.prefix(while: { $0 != "" }))
            let text = section.joined(separator: "\n")
            for setting in Setting.all where setting.group == group {
                #expect(text.contains("  \(setting.flag)"), "\(setting.flag) below \(title)")
                #expect(text.contains(setting.help))
            }
        }
        for flag in CommandFlag.all {
            #expect(help.contains("  \(flag.flag)"))
            #expect(help.contains(flag.help))
        }
        for setting in Setting.all {
            #expect(setting.help.contains("default: \(setting.defaultText);"))
            #expect(setting.help.contains(setting.acceptedText))
            #expect(setting.help.contains(setting.variable))
        }
    }

    @Test func `names and variables are unique and plain`() {
        #expect(Set(Setting.all.map(\.name)).count == Setting.all.count)
        for setting in Setting.all {
            #expect(setting.name.allSatisfy { "abcdefghijklmnopqrstuvwxyz-".contains($0) })
            #expect(
                setting.variable == "EVRELAY_" + setting.name.uppercased().split(separator: "-").joined(separator: "_"))
        }
        #expect(Setting.maxConnectionsPerAddress.variable == "EVRELAY_MAX_CONNECTIONS_PER_ADDRESS")
    }

    @Test func `wrong flags and wrong values end with 64`() {
        for arguments in [["--bogus"], ["serve", "--bogus"], ["bogus"], ["--threads"]] {
            let error = #expect(throws: (any Error).self) { try EvRelayCommand.parseAsRoot(arguments) }
            #expect(error.map { EvRelayCommand.exitCode(for: $0).rawValue } == 64, "\(arguments)")
        }
        #expect(EvRelayCommand.exitCode(for: ValidationError("wrong value")).rawValue == 64)
    }

    @Test func `evrelay and evrelay serve take the same flags`() throws {
        let alone = try #require(try EvRelayCommand.parseAsRoot(["--threads", "2"]) as? EvRelayCommand)
        let serve = try #require(try EvRelayCommand.parseAsRoot(["serve", "--threads", "2"]) as? ServeCommand)
        #expect(alone.options.typed == serve.options.typed)
        #expect(alone.options.typed["threads"] == ["2"])
    }

    @Test func `each setting has its heading in the reference with default, range and variable`() throws {
        let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs/configuration.md")
        let reference = String(decoding: try Data(contentsOf: url), as: UTF8.self)
        let headings = reference.split(separator: "\n").filter { $0.hasPrefix("### `--") }
        var order: [String] = []
        for flag in CommandFlag.all {
            order.append("### `\(flag.flag)\(flag.valueName.map { " \($0.uppercased())" } ?? "")`")
            let variable = flag.variable.map { " · `\($0)`" } ?? ""
            #expect(reference.lines(after: "\(order.last ?? "")\n\n")?.first?.hasSuffix(variable) == true)
        }
        for group in SettingGroup.allCases {
            let section = try #require(reference.lines(after: "## \(group.rawValue)\n"), "\(group.rawValue)")
            for setting in Setting.all where setting.group == group {
                let value = setting.valueName.map { " \($0.uppercased())" } ?? ""
                let heading = "### `\(setting.flag)\(value)`"
                let start = try #require(section.firstIndex(of: heading), "\(heading)")
                #expect(
                    section.dropFirst(start + 2).first
                        == "Default \(setting.defaultText) · accepted \(setting.acceptedText) · `\(setting.variable)`")
                order.append(heading)
            }
        }
        #expect(headings.map { String($0) } == order)
    }
}

extension String {
    /// Returns the lines after the first occurrence of `text`; nil if there is none.
    fileprivate func lines(after text: String) -> [String]? {
        guard let range = firstRange(of: text) else { return nil }
        return self[range.upperBound...].split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    }
}
