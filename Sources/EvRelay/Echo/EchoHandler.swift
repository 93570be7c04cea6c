// SPDX-License-Identifier: MIT
import Cameras
import Crypto
import LibEvent
import System
import WireFormat

/// The answers to the doctor, in a page or in a terminal.
struct EchoHandler {
    let call: Call

    /// Answers with the server's view of the request.
    func info() -> Admission {
        var refusal: AccessRefusal?
        var publishingBy: String?
        do throws(AccessRefusal) {
            if call.relay.isDraining { throw AccessRefusal(.draining) }
            try call.refuseForeignPublishing()
            publishingBy = basis(of: try call.granted([.publish]).grant)
        } catch {
            refusal = error
        }
        // A wrong key must not be tried faster here than elsewhere.
        var delay = refusal?.delay ?? .zero
        let seen = grantToLook(after: refusal, delay: &delay)
        return call.hold(for: delay) { info(publishingBy, refusal?.refusal, seen: seen) }
    }

    /// Returns the grant by which the client may know of cameras and viewers; nil if it has none.
    private func grantToLook(after refusal: AccessRefusal?, delay: inout Duration) -> Grant? {
        // A credential that was found wrong for publishing must not count twice.
        let isWrong = refusal?.refusal.reason.isOfWrongCredential ?? false
        guard !isWrong || call.worker.access.viewing == .everybody else { return nil }
        do throws(AccessRefusal) {
            return try call.granted([.view, .observe]).grant
        } catch {
            delay = max(delay, error.delay)
            return nil
        }
    }

    /// Returns the basis of the right to publish, in the words of `publishing_by`.
    private func basis(of grant: Grant) -> String {
        guard case .open = grant.basis else { return "key" }
        return call.worker.access.publishing == .everybody ? "everybody" : "this-machine"
    }

    private func info(_ publishingBy: String?, _ refusal: Refusal?, seen: Grant?) -> HTTPResponse {
        let cameras = seen.map { seen in
            call.relay.hub.summaries(now: SystemClock.monotonic())
                .filter { seen.allows(anyOf: [.view, .observe], $0.frame.camera) }
        }
        return call.jsonResponse(
            JSONText.object { json in
                json.member("server", call.relay.serverID)
                json.member("version", Version.current)
                json.member("time_us", SystemClock.nowMicroseconds())
                json.member("client", call.forwarding.client.host)
                json.member("peer", call.peer.host)
                json.member("forwarded", ProxyMarks.are(on: call.head))
                json.member("trusted", call.forwarding.isTrusted)
                json.member("named", call.forwarding.isForwarded)
                json.member("scheme", call.forwarding.isSecure ? "https" : "http")
                json.member("host", call.head.field("host") ?? "")
                json.member("protocol", "HTTP/1.\(call.head.minorVersion)")
                json.member("publishing", refusal == nil)
                json.member("publishing_reason", refusal?.reason.rawValue)
                json.member("publishing_by", publishingBy)
                json.member("https_url", httpsURL)
                json.member("max_frame_bytes", call.configuration.limits.maxFrameBytes)
                if let cameras {
                    json.member("cameras", cameras.count)
                    json.member("viewers", cameras.reduce(0) { $0 + $1.viewers })
                }
            })
    }

    /// The address of the pages with TLS for this client, if it is known. Behind a proxy it is known only if it is
    /// configured (`--public-url`).
    private var httpsURL: String? {
        if let url = call.configuration.publicURL, url.origin.description.hasPrefix("https://") { return "\(url)/" }
        guard !call.forwarding.isTrusted, let port = call.worker.httpsPort, let field = call.head.field("host"),
            let host = HTTPSRedirect.host(field)
        else { return nil }
        return "https://\(host)\(port == 443 ? "" : ":\(port)")/"
    }

    /// Answers with small parts at fixed times, after a head that is sent at once.
    func stream() -> Admission {
        let plan: TimedParts.Plan
        do throws(ParameterError) {
            plan = try TimedParts.Plan(call.head.query)
        } catch {
            return call.refuse(Refusal(error))
        }
        let isChunked = call.head.minorVersion >= 1
        let response = HTTPResponse(200, headers: call.headers + TimedParts.headers(isChunked: isChunked))
        if call.head.method == .head { return .answerAndClose(response) }
        if call.head.hasBody { return call.refuse(.bodyNotWanted) }
        if call.relay.isDraining { return call.refuse(.draining) }
        guard let place = call.relay.doctors.admit() else { return call.refuse(.doctorsFull) }
        return call.take { connection in
            let parts = call.worker.add("timed parts", on: connection) { () throws(SystemError) in
                try TimedParts(
                    connection, plan: plan, isChunked: isChunked, place: place, on: call.worker, call.worker.loop)
            }
            parts?.begin(response)
        }
    }

    /// Takes an upload that is only counted.
    func echo() -> Admission {
        if case .foreign(let origin) = call.origin {
            return call.refuse(.foreignOrigin(origin, mayNot: "upload here"))
        }
        let length: Int
        do throws(Refusal) {
            length = try bodyLength("application/octet-stream", limit: EchoUpload.maxBytes)
        } catch {
            return call.refuse(error)
        }
        guard let place = call.relay.doctors.admit() else { return call.refuse(.doctorsFull) }
        let upload = EchoUpload(call, byteCount: length, place: place)
        return call.take { connection in upload.begin(on: connection) }
    }

    /// Takes a page's measurements, and answers with findings in words.
    ///
    /// Pages of other origins are not refused: the relay takes its own page for one where a proxy changes the Host field,
    /// and that is among the findings. Nothing is changed by the request or told but what it brings.
    func findings() -> Admission {
        let length: Int
        do throws(Refusal) {
            length = try bodyLength("application/json", limit: DoctorMeasurements.maxJSONBytes)
        } catch {
            return call.refuse(error)
        }
        guard let place = call.relay.doctors.admit() else { return call.refuse(.doctorsFull) }
        let preferred = AcceptLanguage(call.head.field("accept-language")).ranges
        let language = DoctorLanguage(asked: call.head.query["lang"], preferred: preferred)
        let upload = FindingsUpload(call, byteCount: length, in: language, place: place)
        return call.take { connection in upload.begin(on: connection) }
    }

    /// Returns the announced length of a body of this media type, in bytes.
    private func bodyLength(_ type: String, limit: Int) throws(Refusal) -> Int {
        guard call.head.field("content-type").flatMap({ MediaType($0)?.essence }) == type else {
            throw .doctorType(type)
        }
        guard let length = call.head.contentLength, !call.head.isChunked else { throw .doctorWithoutLength }
        guard length <= limit else { throw .doctorTooLarge(length, limit: limit) }
        return length
    }

    /// Refuses a body that has not come in time.
    func refuseSlowBody(on connection: TakenConnection) {
        call.worker.refused(Refusal.bodyTooSlow.reason, peer: call.forwarding.client, isUpload: false)
        connection.answerAndClose(Refusal.bodyTooSlow.response(headers: call.headers))
    }

    /// Accepts a WebSocket that sends back what it receives.
    func socket() -> Admission {
        if case .foreign(let origin) = call.origin {
            return call.refuse(.foreignOrigin(origin, mayNot: "connect here"))
        }
        if call.relay.isDraining { return call.refuse(.draining) }
        let accept: String
        do throws(WebSocketHandshakeError) {
            let handshake = try WebSocketHandshake(call.head)
            guard let digest = try? Digest.webSocketAccept(key: handshake.key) else {
                return call.refuse(.missingDigest("SHA-1"))
            }
            accept = digest
        } catch {
            let refusal = Refusal(error)
            call.worker.refused(refusal.reason, peer: call.forwarding.client, isUpload: false)
            let fields = error.fields.filter { $0.key != "Connection" }.map { (name: $0.key, value: $0.value) }
            return call.answer(refusal.response(headers: fields))
        }
        guard let place = call.relay.doctors.admit() else { return call.refuse(.doctorsFull) }
        return call.take { connection in
            let socket = EchoSocket(connection, place: place, on: call.worker)
            call.worker.add(socket)
            socket.begin(accept: accept, headers: call.headers)
        }
    }
}
