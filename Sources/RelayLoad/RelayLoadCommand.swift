// SPDX-License-Identifier: MIT
import ArgumentParser
import LibEvent
import System

/// The load tool: many viewers and cameras against one server, every received byte checked.
@main
struct RelayLoadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relayload",
        abstract: "Puts viewers and cameras on a relay, checks every byte and measures what it costs.",
        discussion: "A table for people goes to standard error, one line of JSON to standard output.",
        subcommands: [FanoutCommand.self, IdleCommand.self])

    /// Prints the metrics: a table to standard error, one line of JSON to standard output.
    static func report(_ metrics: [Metric]) {
        StandardError.write(Array(Metric.table(metrics).utf8))
        print(Metric.json(metrics))
    }
}
