// SPDX-License-Identifier: MIT
import Crypto
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
    private let context: OutgoingContext
    private let tls: ClientTLS?
    /// The addresses of the target's host, once they are known; the one that has answered comes first.
    private var addresses: [ClientAddress] = []
    private var idle: StepwiseExchange?

    /// - Parameter trustFile: a file of certificates that are trusted in place of the system's.
    init(_ target: DoctorTarget, trustFile: String? = nil) throws(SystemError) {
        self.target = target
        context = try OutgoingContext(on: EventLoop())
        // A bad certificate does not end the connection: it is reported, and the doctor sends nothing secret.
        let issuers = trustFile.map { ClientTLS.Issuers.file($0) } ?? .system
        tls = target.isSecure ? try ClientTLS(trusting: .reported(issuers)) : nil
    }

    /// Prepares a new connection; `open` makes it.
    func makeExchange() -> StepwiseExchange {
        let connection = OutgoingConnection(
            to: addresses.isEmpty ? .host(target.host, port: target.port) : .addresses(addresses), in: context,
            limits: OutgoingLimits(each: DoctorPlan.patience), tls: tls, serverName: target.host)
        return StepwiseExchange(over: connection, maxHeadBytes: DoctorPlan.maxAnswerBytes)
    }

    /// Finds the host's addresses the first time, connects, and begins TLS if the target uses https.
    func open(_ exchange: StepwiseExchange) throws(ClientError) {
        try exchange.open()
        guard let address = exchange.connection.address else { return }
        addresses = [address] + exchange.connection.addresses.filter { $0 != address }
    }

    /// Returns a connection that is ready for a request: the one in use if it can be reused, otherwise a new one.
    func exchange() throws(ClientError) -> StepwiseExchange {
        if let idle, idle.isReusable { return idle }
        let exchange = makeExchange()
        try open(exchange)
        use(exchange)
        return exchange
    }

    /// Sends further requests over this connection while it can be reused.
    func use(_ exchange: StepwiseExchange) { idle = exchange }

    /// Sends a GET and returns the whole answer.
    func get(_ path: String) throws(ClientError) -> Reply {
        let exchange = try exchange()
        try exchange.send(head("GET", path), method: "GET")
        return try reply(on: exchange)
    }

    /// Sends a POST and returns the whole answer, even one that comes before all is sent, as refusals do.
    func post(_ path: String, _ body: [UInt8]) throws(ClientError) -> Reply {
        let exchange = try exchange()
        let fields = [
            "Content-Type: application/octet-stream", "Content-Length: \(body.count)", originField,
        ]
        try exchange.send(head("POST", path, fields) + body, method: "POST")
        return try reply(on: exchange)
    }

    /// Returns the answer to the latest request. Skips interim answers (1xx) other than 101.
    private func reply(on exchange: StepwiseExchange) throws(ClientError) -> Reply {
        var answer = try exchange.receiveHead()
        while answer.head.status < 200, answer.head.status != 101 { answer = try exchange.receiveHead() }
        // After 101 comes another protocol, which nobody has asked for.
        let body = answer.head.status == 101 ? [] : try exchange.receiveBody(maxBytes: DoctorPlan.maxAnswerBytes)
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

    /// The Origin field of the relay's own pages, by which the relay may take them for foreign ones.
    var originField: String { "Origin: \(target.origin)" }
}
