// SPDX-License-Identifier: MIT
import ArgumentParser
import LibEvent
import System
import WireFormat

/// The end of a command that cannot do its work: one line on standard error, and an exit status of sysexits.h.
enum CommandFailure {
    /// Prints the error of the settings and returns the exit status to throw.
    static func ending(_ error: ConfigurationError) -> any Error { ending(error.message, status: error.exitStatus) }

    /// Prints `message` and returns `status` as the error to throw.
    static func ending(_ message: String, status: Int32) -> any Error {
        say("Error: \(message)")
        return ExitCode(status)
    }

    /// Prints that a flag's value is wrong, and what is accepted; returns the exit status to throw.
    static func wrong(_ flag: CommandFlag, _ value: String, _ reason: String, accepted: String) -> any Error {
        ending(.wrongValue(source: .flag(flag.flag), value: value, reason: reason, accepted: accepted))
    }

    /// Writes a line for people to standard error; standard output is for other programs.
    static func say(_ line: String) {
        StandardError.write(Array("\(PrintableText.escaped(line))\n".utf8))
    }
}
