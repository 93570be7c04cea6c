// SPDX-License-Identifier: MIT
import LibEvent
import Logging
import System
import WireFormat

/// The log lines of finished requests.
///
/// Refusals have lines of their own. Requests that come once per frame or are polled are logged at debug level.
enum AccessLog {
    /// Returns the log level for a path: info for pages that people open, debug for all other paths.
    static func level(path: String) -> Logger.Level {
        switch path {
        case "/", "/camera", "/watch", "/doctor": .info
        default: path.hasPrefix("/watch/") ? .info : .debug
        }
    }

    /// Writes the log line of `request`, unless it was refused (status 400 or above) or its head could not be read.
    /// - Parameter client: the client's address if a trusted proxy sent the request; nil otherwise.
    static func note(_ request: AnsweredRequest, client: String?, to log: VisitorLog, now: Instant) {
        guard let head = request.head, request.status < 400 else { return }
        if level(path: head.path) == .debug {
            log.debug(.request, values(request, head, client))
        } else {
            log.note(.request, now: now, values(request, head, client))
        }
    }

    private static func values(_ request: AnsweredRequest, _ head: RequestHead, _ client: String?) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "method": "\(head.methodName)", "path": "\(head.path)", "status": .stringConvertible(request.status),
            "bytes": .stringConvertible(request.bodyBytes),
            "duration.ms": .stringConvertible(request.duration.wholeMilliseconds), "peer": "\(request.peer.text)",
        ]
        if let client { metadata["client"] = "\(client)" }
        return metadata
    }
}
