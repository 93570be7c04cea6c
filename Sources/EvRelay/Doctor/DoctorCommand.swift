// SPDX-License-Identifier: MIT
import ArgumentParser
import LibEvent
import System
import WireFormat

/// `evrelay doctor URL`: measures the way from here to a relay and says what to change.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Measures the way to a relay and says what to change.",
        usage: "evrelay doctor URL [--lang en|ru]",
        discussion: """
            URL is the address of the relay's first page, also behind a proxy: https://example.org/cam/.
            It ends with 0 if nothing is bad, with 1 if something is, and with 69 if no answer came at all.
            """)

    @Argument(help: "http://HOST[:PORT][/PATH], or the same with https://.")
    var url: String

    @Option(help: "Language of what is said: en or ru. Default: the environment's (LC_ALL, LC_MESSAGES, LANG).")
    var lang: DoctorLanguage?

    /// Checks the URL here and not in `run`, so that an error shows this command's usage and not that of `evrelay`.
    func validate() throws { _ = try DoctorTarget(typed: url) }

    func run() throws {
        let target = try DoctorTarget(typed: url)
        let language = lang ?? DoctorLanguage(environment: ProcessEnvironment.all())
        throw Self.examine(target, in: language) { print($0, terminator: "") }
    }

    /// Measures, passes each finding to `say` as soon as it is known, and returns the exit status.
    ///
    /// - Parameter trustFile: a file of certificates that are trusted in place of the system's.
    static func examine(
        _ target: DoctorTarget, in language: DoctorLanguage, trustFile: String? = nil, say: (String) -> Void
    ) -> ExitCode {
        var report = DoctorReport(in: language, about: target)
        var findings: [Finding] = []
        var examination = Examination(of: target, trustFile: trustFile)
        examination.run { measurements in
            let seen = Diagnosis.findings(measurements)
            for finding in seen.dropFirst(findings.count) {
                say(report.lines(finding, info: measurements.reach?.info))
            }
            findings = seen
        }
        say(report.summary(findings))
        if examination.measurements.isUnreachable { return ExitCode(69) }
        return findings.contains { $0.level == .bad } ? ExitCode(1) : ExitCode.success
    }
}

extension DoctorTarget {
    /// Reads a command's argument. A wrong one is reported with the usage, as unknown flags are.
    init(typed url: String) throws {
        do throws(ValueError) { self = try Self(parsing: url) } catch {
            throw ValidationError(
                "\"\(PrintableText.escaped(error.value))\" is no address of a relay: \(error.reason). "
                    + "http://HOST[:PORT][/PATH] or https://HOST[:PORT][/PATH] is accepted.")
        }
    }
}

extension DoctorLanguage: ExpressibleByArgument {}
