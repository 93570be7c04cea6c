// SPDX-License-Identifier: MIT
import ArgumentParser

/// A command whose help and section of the manual page are made from the same texts.
protocol DescribedCommand: ParsableCommand {
    /// The command's name, and its purpose in one sentence.
    static var title: (name: String, abstract: String) { get }
    /// The arguments after the name, in short.
    static var usage: String { get }
    /// Further information for users.
    static var explanation: String { get }
    /// Example command lines.
    static var examples: [String] { get }
    /// The command's own flags, in the order of the help.
    static var flags: [CommandFlag] { get }
    /// The service's settings that the command uses. Most other flags of the service are accepted and ignored.
    static var settings: [Setting] { get }
}

extension DescribedCommand {
    static var settings: [Setting] { [] }

    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: title.name, abstract: title.abstract, usage: "evrelay \(title.name) \(usage)",
            discussion: ([explanation, "", "Example:"] + examples.map { "  " + $0 }).joined(separator: "\n"))
    }
}
