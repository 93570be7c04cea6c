// SPDX-License-Identifier: MIT
internal import CLibEvent
import Synchronization

/// libevent's own messages, passed to the program's log. None shows what a client has sent.
public enum LibEventLog {
    /// The severity that libevent gives a message.
    public enum Severity: Sendable {
        /// Of interest to libevent's authors.
        case debug
        /// Worth a line in the log.
        case notice
        /// Something was refused or failed, and libevent continued.
        case warning
        /// libevent is about to end the process.
        case error
    }

    /// A receiver of messages, called on the thread on which libevent reports.
    public typealias Sink = @Sendable (Severity, String) -> Void

    private static let sink = Mutex<Sink?>(nil)

    /// Sends messages to `newSink` from now on; nil drops them.
    public static func setSink(_ newSink: Sink?) {
        sink.withLock { $0 = newSink }
    }

    static func install() {
        unsafe event_set_log_callback(libeventSpoke)
    }

    fileprivate static func deliver(_ severity: Severity, _ message: String) {
        sink.withLock { $0 }?(severity, message)
    }
}

private func libeventSpoke(severity: Int32, message: UnsafePointer<CChar>?) {
    guard let message = unsafe message else { return }
    let text = unsafe String(cString: message)
    switch severity {
    case EVENT_LOG_DEBUG: LibEventLog.deliver(.debug, text)
    case EVENT_LOG_MSG: LibEventLog.deliver(.notice, text)
    case EVENT_LOG_WARN: LibEventLog.deliver(.warning, text)
    default: LibEventLog.deliver(.error, text)
    }
}
