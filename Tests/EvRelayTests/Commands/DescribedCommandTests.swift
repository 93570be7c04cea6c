// SPDX-License-Identifier: MIT
import ArgumentParser
import Testing

@testable import EvRelay

@Suite struct DescribedCommandTests {
    private static let commands: [any DescribedCommand.Type] = [
        KeyCommand.self, LinkCommand.self, SecretCommand.self, CertificateCommand.self,
        ProbeCommand.self,
    ]

    @Test(arguments: commands.indices) func `help and manual have each flag and an example`(_ index: Int) {
        let command = Self.commands[index]
        let help = EvRelayCommand.helpMessage(for: command, columns: 1000)
        let page = ManualPage.text(EvRelayCommand.documented)
        for flag in command.flags {
            #expect(help.contains("  \(flag.flag)"))
            #expect(help.contains(flag.summary))
            #expect(page.contains("\\fB\(Roff.escaped(flag.flag))\\fR"))
            #expect(page.contains(Roff.escaped(flag.summary)))
        }
        for setting in command.settings { #expect(help.contains("  \(setting.flag) ")) }
        #expect(!command.examples.isEmpty)
        for example in command.examples {
            #expect(help.contains("  \(example)\n"))
            #expect(page.contains(Roff.escaped(example)))
        }
        #expect(page.contains("\n.SS evrelay \(command.title.name)\n"))
    }

    @Test(arguments: commands.indices) func `the example is understood`(_ index: Int) throws {
        let command = Self.commands[index]
        for example in command.examples {
            // Split like in a shell; only whole words are quoted.
            let words = example.split(separator: "'", omittingEmptySubsequences: false).enumerated().flatMap {
                place, text in
                place.isMultiple(of: 2) ? text.split(separator: " ").map(String.init) : [String(text)]
            }
            let parsed = try EvRelayCommand.parseAsRoot(Array(words.dropFirst()))
            #expect(type(of: parsed) == command)
        }
    }

    @Test func `flags that the program has, too, reach their command`() throws {
        let key = try #require(
            try EvRelayCommand.parseAsRoot([
                "key", "--rights", "view", "--cameras", "door", "--keys", "/k", "--config", "/c", "--public-url",
                "https://u",
            ]) as? KeyCommand)
        #expect(key.keys.typed == ["keys": ["/k"]] && key.publicURL.typed == ["public-url": ["https://u"]])
        #expect(key.file.config == "/c")
        let link = try #require(
            try EvRelayCommand.parseAsRoot([
                "link", "--camera", "door", "--camera", "yard", "--rights", "view", "--for", "1h", "--token-secret",
                "/s",
            ]) as? LinkCommand)
        #expect(link.camera == ["door", "yard"] && link.tokenSecret.typed == ["token-secret": ["/s"]])
    }

    @Test func `a remark may look like a flag`() throws {
        let arguments = ["key", "--rights", "view", "--cameras", "door", "--remark", "--old phone"]
        #expect(try (EvRelayCommand.parseAsRoot(arguments) as? KeyCommand)?.remark == "--old phone")
    }
}
