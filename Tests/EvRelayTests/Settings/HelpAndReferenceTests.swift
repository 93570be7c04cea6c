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
        #expect(Setting.all.map(\.variable).contains("EVRELAY_MAX_CONNECTIONS_PER_ADDRESS"))
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
        let reference = try document("docs/configuration.md")
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

    @Test func `the reference names the settings that change with a restart only`() throws {
        let text = try document("docs/configuration.md").split(separator: "\n").joined(separator: " ")
        let end = try #require(text.firstRange(of: " change with a restart only")).lowerBound
        let start = text[..<end].ranges(of: ". ").last?.upperBound ?? text.startIndex
        let names = text[start..<end].split(separator: "`").filter { $0.hasPrefix("--") }.map { String($0) }
        #expect(names == Setting.all.filter(\.needsRestart).map(\.flag))
    }

    @Test func `places in the help are unique`() {
        #expect(Set(Setting.all.map { "\($0.group) \($0.place.number)" }).count == Setting.all.count)
    }

    @Test(arguments: [
        "README.md", "README.ru.md", "docs/operations.md", "docs/security.md", "docs/protocol.md", "docs/proxies.md",
    ])
    func `another document leaves the defaults of limits to the reference`(_ name: String) throws {
        let text = try document(name)
        for setting in Setting.all where [.limits, .times, .ages].contains(setting.group) {
            for mention in text.ranges(of: "`\(setting.flag)") {
                // What follows the flag, its placeholder and the border of a table's cell.
                let rest = text[mention.upperBound...].drop { $0 != "`" }.drop { "` |(".contains($0) }
                #expect(!rest.hasPrefix(setting.defaultText), "\(setting.flag) \(rest.prefix(20))")
            }
        }
    }

    private func document(_ name: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return String(decoding: try Data(contentsOf: root.appending(path: name)), as: UTF8.self)
    }
}

extension String {
    /// Returns the lines after the first occurrence of `text`; nil if there is none.
    fileprivate func lines(after text: String) -> [String]? {
        guard let range = firstRange(of: text) else { return nil }
        return self[range.upperBound...].split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    }
}
