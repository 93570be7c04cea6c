// SPDX-License-Identifier: MIT
import Cameras
import Crypto
import LibEvent
import System
import WireFormat

// The endpoints by which the doctor measures a path: its page in a browser, and `evrelay doctor` in a terminal. Nothing
// here touches a camera, so everybody may ask.
extension Call {
    /// Answers with the server's view of the request.
    func doctorInfo() -> Admission {
        var refusal: AccessRefusal?
        var publishingBy: String?
        do throws(AccessRefusal) {
            if relay.isDraining { throw AccessRefusal(.draining) }
            try refuseForeignPublishing()
            publishingBy = basis(of: try granted([.publish]).grant)
        } catch {
            refusal = error
        }
        // A wrong key must not be tried faster here than elsewhere.
        var delay = refusal?.delay ?? .zero
        let seen = grantToLook(after: refusal, delay: &delay)
        return hold(for: delay) { info(publishingBy, refusal?.refusal, seen: seen) }
    }

    /// Returns the grant by which the client may know of cameras and viewers; nil if it has none.
    private func grantToLook(after refusal: AccessRefusal?, delay: inout Duration) -> Grant? {
        // A credential that was found wrong for publishing must not count twice.
        let isWrong = refusal?.refusal.reason.isOfWrongCredential ?? false
        guard !isWrong || worker.access.viewing == .everybody else { return nil }
        do throws(AccessRefusal) {
            return try granted([.view, .observe]).grant
        } catch {
            delay = max(delay, error.delay)
            return nil
        }
    }

    /// Returns the basis of the right to publish, in the words of `publishing_by`.
    private func basis(of grant: Grant) -> String {
        guard case .open = grant.basis else { return "key" }
        return worker.access.publishing == .everybody ? "everybody" : "this-machine"
    }

    private func info(_ publishingBy: String?, _ refusal: Refusal?, seen: Grant?) -> HTTPResponse {
        let cameras = seen.map { seen in
            relay.hub.summaries(now: SystemClock.monotonic())
                .filter { seen.allows(anyOf: [.view, .observe], $0.frame.camera) }
        }
        return jsonResponse(
            JSONText.object { json in
                json.member("server", relay.serverID)
                json.member("version", Version.current)
                json.member("time_us", SystemClock.nowMicroseconds())
                json.member("client", forwarding.client.host)
                json.member("peer", peer.host)
                json.member("forwarded", ProxyMarks.are(on: head))
                json.member("trusted", forwarding.isTrusted)
                json.member("named", forwarding.isForwarded)
                json.member("scheme", forwarding.isSecure ? "https" : "http")
                json.member("host", head.field("host") ?? "")
                json.member("protocol", "HTTP/1.\(head.minorVersion)")
                json.member("publishing", refusal == nil)
                json.member("publishing_reason", refusal?.reason.rawValue)
                json.member("publishing_by", publishingBy)
                json.member("https_url", httpsURL)
                json.member("max_frame_bytes", configuration.limits.maxFrameBytes)
                if let cameras {
                    json.member("cameras", cameras.count)
                    json.member("viewers", cameras.reduce(0) { $0 + $1.viewers })
                }
            })
    }

    /// The address of the pages with TLS for this client, if it is known. Behind a proxy it is known only if it is
    /// configured (`--public-url`).
    private var httpsURL: String? {
        if let url = configuration.publicURL, url.origin.description.hasPrefix("https://") { return "\(url)/" }
        guard !forwarding.isTrusted, let port = worker.httpsPort, let field = head.field("host"),
            let host = HTTPSRedirect.host(field)
        else { return nil }
        return "https://\(host)\(port == 443 ? "" : ":\(port)")/"
    }

    /// Answers with small parts at fixed times, after a head that is sent at once.
    func doctorStream() -> Admission {
        let plan: TimedParts.Plan
        do throws(ParameterError) {
            plan = try TimedParts.Plan(head.query)
        } catch {
            return refuse(Refusal(error))
        }
        let isChunked = head.minorVersion >= 1
        let response = HTTPResponse(200, headers: headers + TimedParts.headers(isChunked: isChunked))
        if head.method == .head { return .answerAndClose(response) }
        if head.hasBody { return refuse(.bodyNotWanted) }
        if relay.isDraining { return refuse(.draining) }
        guard let place = relay.doctors.admit() else { return refuse(.doctorsFull) }
        let worker = worker
        return take { connection in
            let parts = worker.add("timed parts", on: connection) { () throws(LibEventError) in
                try TimedParts(connection, plan: plan, isChunked: isChunked, place: place, on: worker, worker.loop)
            }
            parts?.begin(response)
        }
    }

    /// Takes an upload that is only counted.
    func doctorEcho() -> Admission {
        if case .foreign(let origin) = origin {
            return refuse(.foreignOrigin(origin, mayNot: "upload here"))
        }
        let length: Int
        do throws(Refusal) {
            length = try bodyLength("application/octet-stream", limit: EchoUpload.maxBytes)
        } catch {
            return refuse(error)
        }
        guard let place = relay.doctors.admit() else { return refuse(.doctorsFull) }
        let upload = EchoUpload(self, byteCount: length, place: place)
        return take { connection in upload.begin(on: connection) }
    }

    /// Takes a page's measurements, and answers with findings in words.
    ///
    /// Pages of other origins are not refused: the relay takes its own page for one where a proxy changes the Host field,
    /// and that is among the findings. Nothing is changed by the request or told but what it brings.
    func doctorFindings() -> Admission {
        let length: Int
        do throws(Refusal) {
            length = try bodyLength("application/json", limit: DoctorMeasurements.maxJSONBytes)
        } catch {
            return refuse(error)
        }
        guard let place = relay.doctors.admit() else { return refuse(.doctorsFull) }
        let preferred = AcceptLanguage(head.field("accept-language")).ranges
        let language = DoctorLanguage(asked: head.query["lang"], preferred: preferred)
        let upload = FindingsUpload(self, byteCount: length, in: language, place: place)
        return take { connection in upload.begin(on: connection) }
    }

    /// Returns the announced length of a body of this media type, in bytes.
    private func bodyLength(_ type: String, limit: Int) throws(Refusal) -> Int {
        guard head.field("content-type").flatMap({ MediaType($0)?.essence }) == type else {
            throw .doctorType(type)
        }
        guard let length = head.contentLength, !head.isChunked else { throw .doctorWithoutLength }
        guard length <= limit else { throw .doctorTooLarge(length, limit: limit) }
        return length
    }

    /// Refuses a body that has not come in time.
    func refuseSlowBody(on connection: TakenConnection) {
        worker.refused(Refusal.bodyTooSlow.reason, peer: forwarding.client, isUpload: false)
        connection.answerAndClose(Refusal.bodyTooSlow.response(headers: headers))
    }

    /// Accepts a WebSocket that sends back what it receives.
    func doctorSocket() -> Admission {
        if case .foreign(let origin) = origin {
            return refuse(.foreignOrigin(origin, mayNot: "connect here"))
        }
        if relay.isDraining { return refuse(.draining) }
        let accept: String
        do throws(WebSocketHandshakeError) {
            let handshake = try WebSocketHandshake(head)
            guard let digest = try? Digest.webSocketAccept(key: handshake.key) else {
                return refuse(.missingDigest("SHA-1"))
            }
            accept = digest
        } catch {
            let refusal = Refusal(error)
            worker.refused(refusal.reason, peer: forwarding.client, isUpload: false)
            let fields = error.fields.filter { $0.key != "Connection" }.map { (name: $0.key, value: $0.value) }
            return answer(refusal.response(headers: fields))
        }
        guard let place = relay.doctors.admit() else { return refuse(.doctorsFull) }
        let headers = headers
        let worker = worker
        return take { connection in
            let socket = EchoSocket(connection, place: place, on: worker)
            worker.add(socket)
            socket.begin(accept: accept, headers: headers)
        }
    }
}
