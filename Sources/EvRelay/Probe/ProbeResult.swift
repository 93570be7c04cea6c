// SPDX-License-Identifier: MIT
import LibEvent
import WireFormat

/// The outcome of one probe.
enum ProbeResult: Equatable, Sendable {
    /// A relay of this version reports that it is healthy.
    case healthy(version: String)
    /// Something answers, but not as a healthy relay does.
    case unhealthy(String)
    /// Nothing answered in time, or no connection could be made.
    case silent(String)

    /// Judges an answer of `/healthz`.
    ///
    /// - Parameter body: nil if it is not a JSON object.
    init(status: Int, body: JSONObject?) {
        guard status == 200 else {
            self = .unhealthy("it answers with status \(status)")
            return
        }
        guard body?.text("status") == "ok", body?.text("server") != nil, let version = body?.text("version") else {
            self = .unhealthy("it answers, but is no relay")
            return
        }
        self = .healthy(version: PrintableText.cut(version, maxScalars: 100))
    }

    /// Judges a probe that got no whole answer.
    init(_ error: ClientError) {
        switch error {
        case .nameUnknown(let reason): self = .silent("its name is unknown: \(reason)")
        case .notConnected(let reason): self = .silent("\(reason)")
        case .timedOut: self = .silent("no answer within \(Probe.patience.components.seconds) s")
        case .handshakeFailed(let reason), .tlsBroken(let reason): self = .unhealthy("TLS failed: \(reason)")
        case .notTrusted: self = .unhealthy("TLS failed: its certificate is not trusted")
        case .broken(let reason): self = .unhealthy("\(reason)")
        case .endedEarly: self = .unhealthy("it ended the connection before its answer was whole")
        case .badHead, .badBody: self = .unhealthy("its answer is not HTTP")
        case .tooLarge(let limitBytes): self = .unhealthy("its answer is larger than \(limitBytes) bytes")
        }
    }

    /// The command's exit status: 0, 1, or 69 (sysexits.h: unavailable).
    var exitStatus: Int32 {
        switch self {
        case .healthy: 0
        case .unhealthy: 1
        case .silent: 69
        }
    }

    /// Returns the result as one line for people.
    func line(about target: ProbeTarget) -> String {
        switch self {
        case .healthy(let version): "healthy: \(target.description) is EvRelay \(version)"
        case .unhealthy(let reason): "unhealthy: \(target.description): \(reason)"
        case .silent(let reason): "no answer: \(target.description): \(reason)"
        }
    }
}
