// SPDX-License-Identifier: MIT
import Crypto
import LibEvent
import System
import WireFormat

/// One request for a relay's `/healthz`.
enum Probe {
    /// The time limit of the whole probe: name, connection, handshake and answer.
    static let patience = Duration.seconds(3)
    /// The longest head, and the longest body, in bytes. A relay's own have 1 KB together.
    private static let maxAnswerBytes = 8192

    /// Sends the request and judges the answer. Blocks for at most `patience`.
    static func ask(_ target: ProbeTarget) -> ProbeResult {
        do throws(ClientError) {
            let exchange = StepwiseExchange(over: try connection(to: target), maxHeadBytes: maxAnswerBytes)
            try exchange.open()
            try exchange.send(head(target), method: "GET")
            let head = try exchange.receiveHead().head
            let body = try exchange.receiveBody(maxBytes: maxAnswerBytes)
            return ProbeResult(status: head.status, body: try? JSONObject.parse(body.span, maxDepth: 2))
        } catch {
            return ProbeResult(error)
        }
    }

    private static func connection(to target: ProbeTarget) throws(ClientError) -> OutgoingConnection {
        var limits = OutgoingLimits(each: patience)
        limits.whole = patience
        do throws(SystemError) {
            let context = try OutgoingContext(on: EventLoop())
            // Any certificate is accepted: it is for the names that clients use, and the probe sends nothing secret.
            let tls = target.isSecure ? try ClientTLS(trusting: .anyone) : nil
            return OutgoingConnection(
                to: peer(target), in: context, limits: limits, tls: tls, serverName: target.serverName)
        } catch {
            throw .notConnected(error)
        }
    }

    private static func peer(_ target: ProbeTarget) -> OutgoingConnection.Target {
        guard case .tcp(let host, let port) = target.address else { return .addresses([target.address]) }
        return .host(host, port: port)
    }

    private static func head(_ target: ProbeTarget) -> [UInt8] {
        let lines = [
            "GET \(target.prefix)healthz HTTP/1.1", "Host: \(target.authority)",
            "User-Agent: evrelay-probe/\(Version.current)", "Accept: application/json", "Connection: close", "", "",
        ]
        return Array(lines.joined(separator: "\r\n").utf8)
    }
}
