// SPDX-License-Identifier: MIT
import LibEvent
import Logging

extension Service {
    /// Runs the program with `configuration`, which `loader` has read and reads anew for a reload; answers the exit
    /// status.
    static func run(_ configuration: Configuration, loader: ConfigurationLoader) -> Int32 {
        let journal = ProcessEnvironment.all()["JOURNAL_STREAM"]
        let form: LogLine.Form = StandardError.isJournal(journalStream: journal) ? .journal : .text
        let log = Logger(label: "evrelay") { _ in JournalLog(level: configuration.logLevel, form: form) }
        LibEventLog.setSink { severity, message in
            log.log(level: severity.level, "libevent", metadata: ["message": "\(message)"])
        }
        do throws(ServiceError) {
            try Service(configuration, log: log).run(handlesSignals: true)
            return 0
        } catch {
            log.error("cannot serve", metadata: ["error": "\(error.message)"])
            return error.exitStatus
        }
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
