// SPDX-License-Identifier: MIT
import ArgumentParser

/// `evrelay generate`: prints a package's files that are made from the table of settings. Hidden: only package builds
/// use it.
struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Prints the manual page, or a configuration file with every setting.",
        shouldDisplay: false)

    enum Document: String, ExpressibleByArgument, CaseIterable {
        case manual, configuration
    }

    @Argument(help: "manual (roff) or configuration.") var document: Document

    func run() {
        switch document {
        case .manual: print(ManualPage.text(EvRelayCommand.documented), terminator: "")
        case .configuration: print(SettingsTemplate.text(), terminator: "")
        }
    }
}
