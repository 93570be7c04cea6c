// SPDX-License-Identifier: MIT
import LibEvent
import Logging

extension Service {
    /// Runs the program with `configuration`, which `loader` has read and reads anew for a reload; answers the exit
    /// status.
    static func run(_ configuration: Configuration, loader: ConfigurationLoader) -> Int32 {
        let environment = ProcessEnvironment.all()
        // Before anything else opens descriptors.
        let passed = PassedDescriptors(environment: environment)
        let threshold = LogThreshold(configuration.logLevel)
        let log = makeLog(configuration.logFormat, threshold, journalStream: environment["JOURNAL_STREAM"])
        LibEventLog.setSink { severity, message in
            log.log(level: severity.level, "libevent", metadata: ["message": "\(message)"])
        }
        do throws(ServiceError) {
            let surroundings = Surroundings(
                environment: environment, passed: passed, loader: loader, threshold: threshold)
            do throws(ConfigurationError) {
                try SelfSigned.makeFiles(configuration, environment, log: log)
            } catch {
                throw ServiceError.wrongConfiguration(error)
            }
            let service = try Service(configuration, surroundings, log: log)
            if StandardOutput.isTerminal { service.welcome() }
            try service.run(handlesSignals: true)
            return 0
        } catch {
            log.error("cannot serve", metadata: ["error": "\(error.message)"])
            return error.exitStatus
        }
    }

    /// Reads the files that a start needs, and looks at those that are read later; opens no port.
    @discardableResult
    static func check(
        _ configuration: Configuration, environment: [String: String]
    ) throws(ServiceError) -> LoadedFiles {
        if let path = configuration.webRoot {
            guard FileContents.isReadableDirectory(path) else { throw .noWebRoot(path) }
            guard WebFiles(root: path).file(at: "/") != nil else { throw .noPages(path) }
        }
        do throws(ConfigurationError) {
            return try LoadedFiles(configuration, environment)
        } catch {
            throw .wrongConfiguration(error)
        }
    }

    /// A log in the wanted format. In the journal, text goes to it with fields, if it can be reached; JSON is a line
    /// with its priority, as whoever asked for JSON reads lines.
    private static func makeLog(_ format: LogFormat, _ threshold: LogThreshold, journalStream: String?) -> Logger {
        let isJournal = StandardError.isJournal(journalStream: journalStream)
        let form = LogLine.Form(format, isJournal: isJournal)
        var send: (@Sendable ([UInt8]) -> Bool)?
        if isJournal, format == .text, let journal = try? JournalSocket() { send = { journal.send($0) } }
        let handler = JournalLog(threshold: threshold, form: form, send: send)
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
