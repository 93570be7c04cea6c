// SPDX-License-Identifier: MIT
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
        let deadline = SystemClock.monotonic() + patience
        do throws(ClientError) {
            let connection = try ClientConnection(to: addresses(target), timeout: deadline - SystemClock.monotonic())
            // Any certificate is accepted: it is for the names that clients use, and the probe sends nothing secret.
            if target.isSecure { try connection.startTLS(host: target.serverName, before: deadline) }
            let exchange = ClientExchange(over: connection, maxHeadBytes: maxAnswerBytes)
            try exchange.send(head(target), before: deadline)
            let head = try exchange.receiveHead(before: deadline).head
            let body = try exchange.receiveBody(maxBytes: maxAnswerBytes, before: deadline)
            return ProbeResult(status: head.status, body: try? JSONObject.parse(body.span, maxDepth: 2))
        } catch {
            return ProbeResult(error)
        }
    }

    private static func addresses(_ target: ProbeTarget) throws(ClientError) -> [ClientAddress] {
        guard case .tcp(let host, let port) = target.address, !target.address.isNumeric else { return [target.address] }
        return try HostLookup.addresses(of: host, port: port, timeout: patience)
    }

    private static func head(_ target: ProbeTarget) -> [UInt8] {
        let lines = [
            "GET \(target.prefix)healthz HTTP/1.1", "Host: \(target.authority)",
            "User-Agent: evrelay-probe/\(Version.current)", "Accept: application/json", "Connection: close", "", "",
        ]
        return Array(lines.joined(separator: "\r\n").utf8)
    }
}
