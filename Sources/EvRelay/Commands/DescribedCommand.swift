// SPDX-License-Identifier: MIT
import ArgumentParser

/// A command whose help and whose part of the manual page are made of the same words.
protocol DescribedCommand: ParsableCommand {
    /// What it is called and what it does, in one sentence.
    static var title: (name: String, abstract: String) { get }
    /// What goes behind its name, in short.
    static var usage: String { get }
    /// What else somebody should know who uses it.
    static var explanation: String { get }
    /// Lines to type.
    static var examples: [String] { get }
    /// In the order of the help.
    static var flags: [CommandFlag] { get }
    /// The service's settings that count for it; most other flags of the service are accepted and change nothing.
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
