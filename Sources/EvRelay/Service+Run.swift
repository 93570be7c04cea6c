// SPDX-License-Identifier: MIT
import LibEvent
import Logging
import System
import WireFormat

extension Service {
    /// Runs the program with `configuration`, and returns the exit status. `loader` has read the configuration, and
    /// reads it anew for a reload.
    static func run(_ configuration: Configuration, loader: ConfigurationLoader) -> Int32 {
        CrashReport.install(version: Version.current)
        let environment = ProcessEnvironment.all()
        // Before anything else opens descriptors.
        let passed = PassedDescriptors(environment: environment)
        let threshold = LogThreshold(configuration.logLevel)
        let isJournal = StandardError.isJournal(journalStream: environment["JOURNAL_STREAM"])
        let form = LogLine.Form(configuration.logFormat, isJournal: isJournal)
        let writer = try? LineWriter(maxPendingBytes: maxPendingLogBytes, report: form.linesLost)
        // A line that nobody reads must not keep the process from ending.
        defer { writer?.flush(within: .seconds(1)) }
        let log = makeLog(form, threshold, writer)
        LibEventLog.setSink { severity, message in
            log.log(level: severity.level, "libevent", metadata: ["message": "\(message)"])
        }
        do throws(ServiceError) {
            let surroundings = Surroundings(
                environment: environment, passed: passed, loader: loader, threshold: threshold,
                lineWriter: writer)
            do throws(ConfigurationError) {
                try SelfSigned.makeFiles(configuration, environment, log: log)
            } catch {
                throw ServiceError.wrongConfiguration(error)
            }
            let service = try Service(configuration, surroundings, features: Features.make(configuration), log: log)
            if StandardOutput.isTerminal { service.welcome() }
            try service.run(handlesSignals: true)
            return 0
        } catch {
            log.error("cannot serve", metadata: ["error": "\(error.message)"])
            return error.exitStatus
        }
    }

    /// The most bytes of log lines that wait while nobody reads standard error: about a thousand lines.
    private static let maxPendingLogBytes = 256 << 10

    /// Creates a log in the requested form. In the journal, text is sent as entries with fields, if the journal can be
    /// reached. JSON is written as lines with their priority, as a reader of JSON reads lines.
    /// - Parameter writer: nil if its thread could not be started; the caller then waits for each line.
    private static func makeLog(_ form: LogLine.Form, _ threshold: LogThreshold, _ writer: LineWriter?) -> Logger {
        var send: (@Sendable ([UInt8]) -> Bool)?
        if form.isJournal, form.format == .text, let journal = try? JournalSocket() { send = { journal.send($0) } }
        let handler = JournalLog(
            threshold: threshold, form: form, send: send,
            write: { writer?.write($0) ?? StandardError.write($0) })
        return Logger(label: "evrelay") { _ in handler }
    }
}

extension LibEventLog.Severity {
    fileprivate var level: Logger.Level {
        switch self {
        case .debug: .debug
        case .notice: .info
        case .warning: .warning
        case .error: .error
        }
    }
}
