// SPDX-License-Identifier: MIT
import LibEvent
import Logging
import WireFormat

/// One line for each finished request, within reason.
///
/// Confined to one event loop. Refusals have their own lines (`RefusalLog`). What comes once per frame or is polled is
/// told at debug level; what is left is limited in rate, so that nobody fills the log by loading pages.
struct AccessLog {
    /// Lines that may follow each other at once.
    static let burst = 100.0
    /// Lines a second beyond that.
    static let linesPerSecond = 20.0

    private var allowance = Self.burst
    private var lastRefill: Instant?
    private var leftOut = 0

    /// Which paths are told at info level: those a person opens.
    static func level(path: String) -> Logger.Level {
        switch path {
        case "/", "/camera", "/watch", "/doctor": .info
        default: path.hasPrefix("/watch/") ? .info : .debug
        }
    }

    /// Writes the line of `request`, asked for by `client` through `request.peer`.
    mutating func note(_ request: AnsweredRequest, client: String?, to log: Logger, now: Instant) {
        guard let head = request.head, request.status < 400 else { return }
        let level = Self.level(path: head.path)
        guard level >= log.logLevel, level == .debug || takeLine(now: now) else { return }
        var metadata: Logger.Metadata = [
            "method": "\(head.methodName)", "path": "\(head.path)", "status": .stringConvertible(request.status),
            "bytes": .stringConvertible(request.bodyBytes),
            "duration.ms": .stringConvertible(request.duration.wholeMilliseconds), "peer": "\(request.peer.text)",
        ]
        if let client { metadata["client"] = "\(client)" }
        if leftOut > 0 { metadata["more"] = .stringConvertible(leftOut) }
        leftOut = 0
        log.log(level: level, "request", metadata: metadata)
    }

    /// A bucket that fills at `linesPerSecond` up to `burst`.
    private mutating func takeLine(now: Instant) -> Bool {
        let elapsed = lastRefill.map { Double((now - $0).wholeNanoseconds) / 1_000_000_000 } ?? 0
        lastRefill = now
        allowance = min(Self.burst, allowance + elapsed * Self.linesPerSecond)
        guard allowance >= 1 else {
            leftOut += 1
            return false
        }
        allowance -= 1
        return true
    }
}
