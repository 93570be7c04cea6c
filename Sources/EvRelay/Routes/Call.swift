// SPDX-License-Identifier: MIT
import LibEvent
import WireFormat

/// One request on its way to an answer: what the handlers of all routes have in common.
///
/// Confined to its worker's loop.
struct Call {
    let head: RequestHead
    /// Who is connected: the client, or a proxy.
    let peer: PeerAddress
    /// What is known of who asks.
    let forwarding: Forwarding
    let origin: CrossOrigin
    let security: SecurityHeaders
    let worker: Worker
    /// What the answers are.
    var content = SecurityHeaders.Content.data
    /// What the request may do, as far as that was asked.
    var grant = Grant.none
    /// Whether this is an upload, whose refusals are counted apart.
    var isUpload = false

    /// Fields of every answer to this request.
    var headers: [(name: String, value: String)] {
        let origins = configuration.allowedOrigins
        return origin.headers(variesByOrigin: !origins.named.isEmpty)
            + security.everywhere(isSecure: forwarding.isSecure)
            + [SecurityHeaders.resourcePolicy(content, origin, isAuthorizedByField: grant.source == .field)]
    }

    var relay: Relay { worker.relay }
    var configuration: Configuration { worker.configuration }

    /// An answer that is ready now. The request has no body, or one that is not wanted.
    func answer(_ response: HTTPResponse) -> Admission {
        var response = response
        response.headers.insert(contentsOf: headers, at: 0)
        return mayHaveUnreadBytes ? .answerAndClose(response) : .answer(response)
    }

    /// True if bytes may follow that belong to this request, announced or not: what a client sends behind a POST without
    /// a length must not be taken for its next request.
    private var mayHaveUnreadBytes: Bool {
        switch head.method {
        case .get, .head, .options: head.hasBody
        default: true
        }
    }

    /// A refusal in words, noted in the log.
    func refuse(_ answer: ErrorAnswer) -> Admission {
        worker.refused(answer.reason, peer: forwarding.client, isUpload: isUpload)
        return self.answer(response(to: answer))
    }

    /// Why nothing that lasts is begun during a shutdown.
    var draining: ErrorAnswer {
        ErrorAnswer(503, "draining", "The server is shutting down. Try again in a moment.")
    }

    /// A JSON body that must not be kept.
    func json(_ body: [UInt8]) -> Admission { answer(jsonResponse(body)) }

    /// The same without the fields of every answer.
    func jsonResponse(_ body: [UInt8]) -> HTTPResponse {
        HTTPResponse(
            200, headers: [("Content-Type", "application/json; charset=utf-8"), ("Cache-Control", "no-store")],
            body: .bytes(body))
    }

    /// RFC 9110 section 9.3.7, and the preflight of the Fetch standard.
    func options(_ route: Route) -> Admission {
        var fields = [(name: "Allow", value: route.allow)]
        if head.has("access-control-request-method") {
            let isFromPublicNetwork = head.field("access-control-request-private-network") == "true"
            fields += origin.preflightHeaders(methods: route.allow, isFromPublicNetwork: isFromPublicNetwork)
        }
        return answer(HTTPResponse(204, headers: fields))
    }

    /// RFC 9110 section 15.5.6.
    func methodNotAllowed(_ route: Route) -> Admission {
        let error =
            head.method == .other
            ? ErrorAnswer(501, "unknown-method", "\(head.methodName.prefix(20)) is not known; use \(route.allow).")
            : ErrorAnswer(405, "method-not-allowed", "\(head.methodName) is not possible here; use \(route.allow).")
        worker.refused(error.reason, peer: forwarding.client, isUpload: isUpload)
        return answer(error.response(headers: [("Allow", route.allow)]))
    }

    /// Hands the connection over to `start` for something that lasts, unless the client behind a proxy has as many
    /// connections already as one address may have.
    /// - Parameter giveBack: takes back what was counted for `start`, which is not called then.
    func take(
        orElse giveBack: @escaping () -> Void = {}, _ start: @escaping (TakenConnection) -> Void
    ) -> Admission {
        .take { connection in
            guard forwarding.isForwarded else { return start(connection) }
            connection.client = forwarding.client
            guard !connection.count(client: forwarding.client) else { return start(connection) }
            giveBack()
            worker.refused(Self.tooManyFromClient.reason, peer: forwarding.client, isUpload: isUpload)
            connection.answerAndClose(Self.tooManyFromClient.response(headers: headers))
        }
    }

    private static let tooManyFromClient = ErrorAnswer(
        429, "too-many-connections", "Too many connections from your address (--max-connections-per-address).")

    /// To the same page with TLS.
    func redirectToHTTPS(port: Int) -> Admission {
        guard let location = HTTPSRedirect.location(head, port: port) else {
            return refuse(
                ErrorAnswer(
                    400, "bad-request", "This page is served with TLS only, and the Host field does not say where."))
        }
        return redirect(308, to: location)
    }

    /// The address of `path`, relative to the one that was asked for, so that it holds below a proxy's sub-path too.
    func relativeAddress(_ path: String) -> String {
        let depth = head.path.utf8.count { $0 == UInt8(ascii: "/") } - 1
        return String(repeating: "../", count: max(0, depth)) + path
    }

    /// To another address of this server, a relative one.
    func redirect(_ status: Int, to location: String) -> Admission {
        answer(
            HTTPResponse(
                status,
                headers: [
                    ("Location", location), ("Cache-Control", "no-store"),
                    ("Content-Type", "text/plain; charset=utf-8"),
                ], body: .bytes([])))
    }

    /// mjpg-streamer counts its cameras from 0; here they are counted by name, and only those that may be viewed.
    func numbered(
        _ number: Int, _ handle: (CameraID) throws(AccessRefusal) -> Admission
    ) throws(AccessRefusal) -> Admission {
        let cameras = relay.registry.summaries(now: SystemClock.monotonic())
            .filter { grant.allows(.view, $0.frame.camera) }
        guard cameras.indices.contains(number) else {
            return refuse(
                ErrorAnswer(404, "unknown-camera", "There is no camera number \(number); there are \(cameras.count)."))
        }
        return try handle(cameras[number].frame.camera)
    }
}
