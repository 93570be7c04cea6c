// SPDX-License-Identifier: MIT
import LibEvent
import WireFormat

/// Sends the doctor's requests to one relay.
///
/// Blocks, within `DoctorPlan.patience` a step. Confined to one thread.
final class DoctorClient {
    /// A whole answer.
    struct Reply {
        let head: ResponseHead
        let body: [UInt8]
        /// When the head had come.
        let receivedAt: Instant

        /// The body as a JSON object; nil if it is none.
        var object: JSONObject? { try? JSONObject.parse(body.span, maxDepth: 8) }
    }

    private let target: DoctorTarget
    private let addresses: [ClientAddress]
    private var idle: ClientExchange?
    private let trustFile: String?

    /// - Parameters:
    ///   - addresses: those of the target's host, the one that is known to answer first.
    ///   - trustFile: certificates that are trusted in place of the system's.
    init(_ target: DoctorTarget, at addresses: [ClientAddress], trustFile: String? = nil) {
        self.target = target
        self.addresses = addresses
        self.trustFile = trustFile
    }

    /// A new connection, without TLS so far.
    func connect() throws(ClientError) -> ClientConnection {
        try ClientConnection(to: addresses, timeout: DoctorPlan.patience)
    }

    /// Begins TLS where the target wants it. A certificate with a problem ends nothing: it is reported, and what the
    /// doctor says is no secret.
    func startTLS(on connection: ClientConnection) throws(ClientError) {
        guard target.isSecure else { return }
        try connection.startTLS(host: target.host, trustFile: trustFile, before: deadline)
    }

    /// A connection that is ready for a request, perhaps one that has served before.
    func exchange() throws(ClientError) -> ClientExchange {
        if let idle, idle.isReusable { return idle }
        let connection = try connect()
        try startTLS(on: connection)
        return use(connection)
    }

    /// Requests go over this connection from now on, as long as it lasts.
    func use(_ connection: ClientConnection) -> ClientExchange {
        let exchange = ClientExchange(over: connection, maxHeadBytes: DoctorPlan.maxAnswerBytes)
        idle = exchange
        return exchange
    }

    /// One GET with its whole answer.
    func get(_ path: String) throws(ClientError) -> Reply {
        let exchange = try exchange()
        try exchange.send(head("GET", path), before: deadline)
        return try reply(on: exchange)
    }

    /// One POST with its whole answer. The answer counts also where it comes before all is sent, as refusals do.
    func post(_ path: String, _ body: [UInt8]) throws(ClientError) -> Reply {
        let exchange = try exchange()
        let fields = ["Content-Type: application/octet-stream", "Content-Length: \(body.count)"]
        do throws(ClientError) {
            try exchange.send(head("POST", path, fields) + body, before: deadline)
        } catch {
            guard case .broken = error else { throw error }
        }
        return try reply(on: exchange)
    }

    /// The answer to the request that was sent last.
    func reply(on exchange: ClientExchange) throws(ClientError) -> Reply {
        var answer = try exchange.receiveHead(before: deadline)
        while answer.head.status < 200, answer.head.status != 101 {
            answer = try exchange.receiveHead(before: deadline)
        }
        let body = try exchange.receiveBody(maxBytes: DoctorPlan.maxAnswerBytes, before: deadline)
        return Reply(head: answer.head, body: body, receivedAt: answer.receivedAt)
    }

    /// A request's head. `path` is relative to the relay's root.
    func head(_ method: String, _ path: String, _ fields: [String] = []) -> [UInt8] {
        let lines =
            [
                "\(method) \(target.prefix)\(path) HTTP/1.1", "Host: \(target.authority)",
                "User-Agent: evrelay-doctor/\(Version.current)", "Accept: */*",
            ] + fields
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    /// The end of a step that begins now.
    var deadline: Instant { SystemClock.monotonic() + DoctorPlan.patience }
}
