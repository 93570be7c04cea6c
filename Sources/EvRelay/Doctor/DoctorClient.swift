// SPDX-License-Identifier: MIT
import LibEvent
import System
import WireFormat

/// Sends the doctor's requests to one relay.
///
/// Blocks for at most `DoctorPlan.patience` in each step. Confined to one thread.
final class DoctorClient {
    /// A whole answer.
    struct Reply {
        let head: ResponseHead
        let body: [UInt8]
        /// The time when the head was complete.
        let receivedAt: Instant

        /// The body as a JSON object; nil if it is not one.
        var object: JSONObject? { try? JSONObject.parse(body.span, maxDepth: 8) }
    }

    private let target: DoctorTarget
    private let addresses: [ClientAddress]
    private var idle: ClientExchange?
    private let trustFile: String?

    /// - Parameters:
    ///   - addresses: the addresses of the target's host; one that is known to answer comes first.
    ///   - trustFile: a file of certificates that are trusted in place of the system's.
    init(_ target: DoctorTarget, at addresses: [ClientAddress], trustFile: String? = nil) {
        self.target = target
        self.addresses = addresses
        self.trustFile = trustFile
    }

    /// Opens a new connection, without TLS yet.
    func connect() throws(ClientError) -> ClientConnection {
        try ClientConnection(to: addresses, timeout: DoctorPlan.patience)
    }

    /// Begins TLS if the target uses https. A bad certificate does not end the connection: it is reported, and the
    /// doctor sends nothing secret.
    func startTLS(on connection: ClientConnection) throws(ClientError) {
        guard target.isSecure else { return }
        try connection.startTLS(host: target.host, trustFile: trustFile, before: deadline)
    }

    /// Returns a connection that is ready for a request: the one in use if it can be reused, otherwise a new one.
    func exchange() throws(ClientError) -> ClientExchange {
        if let idle, idle.isReusable { return idle }
        let connection = try connect()
        try startTLS(on: connection)
        return use(connection)
    }

    /// Sends further requests over this connection while it can be reused.
    func use(_ connection: ClientConnection) -> ClientExchange {
        let exchange = ClientExchange(over: connection, maxHeadBytes: DoctorPlan.maxAnswerBytes)
        idle = exchange
        return exchange
    }

    /// Sends a GET and returns the whole answer.
    func get(_ path: String) throws(ClientError) -> Reply {
        let exchange = try exchange()
        try exchange.send(head("GET", path), before: deadline)
        return try reply(on: exchange)
    }

    /// Sends a POST and returns the whole answer, even one that comes before all is sent, as refusals do.
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

    /// Returns the answer to the latest request. Skips interim answers (1xx) other than 101.
    func reply(on exchange: ClientExchange) throws(ClientError) -> Reply {
        var answer = try exchange.receiveHead(before: deadline)
        while answer.head.status < 200, answer.head.status != 101 {
            answer = try exchange.receiveHead(before: deadline)
        }
        let body = try exchange.receiveBody(maxBytes: DoctorPlan.maxAnswerBytes, before: deadline)
        return Reply(head: answer.head, body: body, receivedAt: answer.receivedAt)
    }

    /// Returns a request's head. `path` is relative to the relay's root.
    func head(_ method: String, _ path: String, _ fields: [String] = []) -> [UInt8] {
        let lines =
            [
                "\(method) \(target.prefix)\(path) HTTP/1.1", "Host: \(target.authority)",
                "User-Agent: evrelay-doctor/\(Version.current)", "Accept: */*",
            ] + fields
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    /// The deadline of a step that begins now.
    var deadline: Instant { SystemClock.monotonic() + DoctorPlan.patience }
}
