// SPDX-License-Identifier: MIT
internal import CLibEvent
import Synchronization

/// libevent's own messages, handed to the program's log. None shows what a client has sent.
public enum LibEventLog {
    /// How grave libevent holds a message to be.
    public enum Severity: Sendable {
        /// Of interest to libevent's authors.
        case debug
        /// Worth a line.
        case notice
        /// Something was refused or failed and libevent went on.
        case warning
        /// libevent is about to end the process.
        case error
    }

    /// Called on whichever thread libevent speaks from.
    public typealias Sink = @Sendable (Severity, String) -> Void

    private static let sink = Mutex<Sink?>(nil)

    /// Messages go to `newSink` from now on; without one they are dropped.
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
