// SPDX-License-Identifier: MIT
import ArgumentParser
import LibEvent

/// How commands end that cannot do what they were asked for: one line on standard error, and an exit status of
/// sysexits.h.
enum CommandFailure {
    /// Says what is wrong with the settings, and ends.
    static func ending(_ error: ConfigurationError) -> any Error { ending(error.message, status: error.exitStatus) }

    /// Says `message` and ends with `status`.
    static func ending(_ message: String, status: Int32) -> any Error {
        say("Error: \(message)")
        return ExitCode(status)
    }

    /// What a value of a flag has to be.
    static func wrong(_ flag: CommandFlag, _ value: String, _ reason: String, accepted: String) -> any Error {
        ending(.wrongValue(source: .flag(flag.flag), value: value, reason: reason, accepted: accepted))
    }

    /// A line for the person at the terminal, beside what the command prints for other programs.
    static func say(_ line: String) {
        StandardError.write(Array("\(PrintableText.escaped(line))\n".utf8))
    }
}
