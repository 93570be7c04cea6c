// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import System
import WireFormat

/// One request on its way to an answer, with the operations that the handlers of all routes share.
///
/// Confined to its worker's loop.
struct Call {
    let head: RequestHead
    /// The connected peer: the client, or a proxy.
    let peer: PeerAddress
    /// The client and its transport, as far as they are known.
    let forwarding: Forwarding
    let origin: CrossOrigin
    let security: SecurityHeaders
    let worker: Worker
    /// The kind of content of the answers.
    var content = SecurityHeaders.Content.data
    /// The rights of the request, as far as they have been checked.
    var grant = Grant.none
    /// True if this is an upload; its refusals are counted separately.
    var isUpload = false

    /// The fields of every answer to this request.
    var headers: [(name: String, value: String)] {
        let origins = configuration.allowedOrigins
        return origin.headers(variesByOrigin: !origins.named.isEmpty)
            + security.everywhere(isSecure: forwarding.isSecure)
            + [SecurityHeaders.resourcePolicy(content, origin, isAuthorizedByField: grant.source == .field)]
    }

    var relay: Relay { worker.relay }
    var configuration: Configuration { worker.configuration }

    /// Answers now. The request has no body, or one that is not wanted.
    func answer(_ response: HTTPResponse) -> Admission {
        var response = response
        response.headers.insert(contentsOf: headers, at: 0)
        return mayHaveUnreadBytes ? .answerAndClose(response) : .answer(response)
    }

    /// True if more bytes of this request may follow, announced or not. Bytes that a client sends after a POST without
    /// a length must not be read as its next request.
    private var mayHaveUnreadBytes: Bool {
        switch head.method {
        case .get, .head, .options: head.hasBody
        default: true
        }
    }

    /// Refuses the request, and logs the refusal.
    func refuse(_ refusal: Refusal) -> Admission {
        worker.refused(refusal.reason, peer: forwarding.client, isUpload: isUpload)
        return answer(response(to: refusal))
    }

    /// Answers with JSON that must not be cached.
    func json(_ body: [UInt8]) -> Admission { answer(jsonResponse(body)) }

    /// Returns the response of `json(_:)`, without the fields of every answer.
    func jsonResponse(_ body: [UInt8]) -> HTTPResponse {
        HTTPResponse(
            200, headers: [("Content-Type", "application/json; charset=utf-8"), ("Cache-Control", "no-store")],
            body: .bytes(body))
    }

    /// Answers OPTIONS (RFC 9110 section 9.3.7), and a preflight (Fetch standard).
    func options(_ route: Route) -> Admission {
        var fields = [(name: "Allow", value: route.allow)]
        if head.has("access-control-request-method") {
            let isFromPublicNetwork = head.field("access-control-request-private-network") == "true"
            fields += origin.preflightHeaders(methods: route.allow, isFromPublicNetwork: isFromPublicNetwork)
        }
        return answer(HTTPResponse(204, headers: fields))
    }

    /// Refuses the method with 405 (RFC 9110 section 15.5.6), or with 501 if it is unknown.
    func methodNotAllowed(_ route: Route) -> Admission {
        let refusal = Refusal.method(of: head, allowed: route.allow)
        worker.refused(refusal.reason, peer: forwarding.client, isUpload: isUpload)
        return answer(refusal.response(headers: [("Allow", route.allow)]))
    }

    /// Hands the connection over to `start` for a long-lived task. Refuses if the client is behind a proxy and has as
    /// many connections already as one address may have.
    /// - Parameter giveBack: takes back what was counted for `start`; called only if `start` is not.
    func take(
        orElse giveBack: @escaping () -> Void = {}, _ start: @escaping (TakenConnection) -> Void
    ) -> Admission {
        .take { connection in
            guard forwarding.isForwarded else { return start(connection) }
            connection.client = forwarding.client
            guard !connection.count(client: forwarding.client) else { return start(connection) }
            giveBack()
            let refusal = Refusal.tooManyFromAddress
            worker.refused(refusal.reason, peer: forwarding.client, isUpload: isUpload)
            connection.answerAndClose(refusal.response(headers: headers))
        }
    }

    /// Redirects to the same page with TLS.
    func redirectToHTTPS(port: Int) -> Admission {
        guard let location = HTTPSRedirect.location(head, port: port) else {
            return refuse(.unknownTLSAddress)
        }
        return redirect(308, to: location)
    }

    /// Returns the address of `path` relative to the requested one, so that it is right below a proxy's sub-path too.
    func relativeAddress(_ path: String) -> String {
        let depth = head.path.utf8.count { $0 == UInt8(ascii: "/") } - 1
        return String(repeating: "../", count: max(0, depth)) + path
    }

    /// Redirects to another address of this server.
    func redirect(_ status: Int, to location: String) -> Admission {
        answer(
            HTTPResponse(
                status,
                headers: [
                    ("Location", location), ("Cache-Control", "no-store"),
                    ("Content-Type", "text/plain; charset=utf-8"),
                ], body: .bytes([])))
    }

    /// Returns the camera that an address names.
    func resolve(_ reference: CameraReference) -> CameraID { reference.resolve(relay.hub.hasFrame(of:)) }

    /// Calls `handle` with the camera at this position, counted from 0 as mjpg-streamer does: by name, among those that
    /// may be viewed.
    func numbered(
        _ number: Int, _ handle: (CameraID) throws(AccessRefusal) -> Admission
    ) throws(AccessRefusal) -> Admission {
        let cameras = relay.hub.summaries(now: SystemClock.monotonic())
            .filter { grant.allows(.view, $0.frame.camera) }
        guard cameras.indices.contains(number) else {
            return refuse(.unknownCamera(number: number, count: cameras.count))
        }
        return try handle(cameras[number].frame.camera)
    }
}
