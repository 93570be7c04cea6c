// SPDX-License-Identifier: MIT
import LibEvent
import Logging
import WireFormat

/// The line of each finished request.
///
/// Refusals have their own lines. What comes once per frame or is polled is told at debug level.
enum AccessLog {
    /// Which paths are told at info level: those a person opens.
    static func level(path: String) -> Logger.Level {
        switch path {
        case "/", "/camera", "/watch", "/doctor": .info
        default: path.hasPrefix("/watch/") ? .info : .debug
        }
    }

    /// Writes the line of `request`, asked for by `client` through `request.peer`.
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
