// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import WireFormat

/// The answer to a request for a stream.
struct StreamHandler {
    let call: Call

    /// Answers with a viewer's stream. A browser that opens the address itself is redirected to the watch page.
    func stream(_ camera: CameraID, _ boundary: StreamBoundary) throws(AccessRefusal) -> Admission {
        let request: StreamRequest
        do throws(ParameterError) {
            request = try StreamRequest(call.head, boundary: boundary)
        } catch {
            return call.refuse(Refusal(error))
        }
        // Before the key is checked: the page asks for one in its own words.
        if request.isNavigation { return call.redirect(302, to: watchAddress(camera)) }
        return try StreamHandler(call: call.granted([.view], on: camera)).stream(camera, request)
    }

    private func stream(_ camera: CameraID, _ request: StreamRequest) -> Admission {
        let response = HTTPResponse(200, headers: call.headers + request.headers)
        if call.head.method == .head { return .answerAndClose(response) }
        if call.head.hasBody { return call.refuse(.bodyNotWanted) }
        let limits = call.configuration.limits
        if call.relay.isDraining { return call.refuse(.draining) }
        guard let place = call.relay.viewers.admit() else { return call.refuse(.viewersFull("--max-viewers")) }
        let joined = call.relay.hub.join(camera, call.worker.inbox, maxViewers: limits.maxViewersPerCamera)
        guard let joined else { return call.refuse(.viewersFull("--max-viewers-per-camera")) }
        func giveBack() {
            call.worker.relay.hub.leave(joined.camera, call.worker.inbox, isViewer: true)
        }
        return call.take(orElse: giveBack) { connection in
            let viewer = Viewer(
                connection, in: call.worker.list(of: joined.camera), form: request.form, policy: request.policy,
                grant: call.lastingGrant, place: place, on: call.worker)
            call.worker.add(viewer)
            viewer.begin(response, latest: joined.latest)
        }
    }

    /// Returns the address of the watch page. A key follows the `#`, from where a browser sends it to no server and in
    /// no Referer.
    private func watchAddress(_ camera: CameraID) -> String {
        let page = call.relativeAddress("watch/\(camera)")
        guard let key = Credential(call.head), key.source == .query, key.isURLSafe else { return page }
        return "\(page)#key=\(key.text)"
    }
}

/// The form and the delivery policy that a viewer has requested.
struct StreamRequest: Equatable {
    let form: StreamForm
    let policy: DeliveryState
    /// True if a browser opens the stream as a page of its own, where iOS would show one frozen frame.
    let isNavigation: Bool

    /// The accepted rates, in frames a second.
    private static let acceptedRate = 0.01...1000.0
    private static let acceptedFrames = 1...1_000_000_000

    init(_ head: RequestHead, boundary: StreamBoundary) throws(ParameterError) {
        let client = StreamClient(head)
        let advance = try Parameter.flag("advance_headers", in: head.query)
        // A client that asks for a form wants the stream. So does one that uses mjpg-streamer's address, unless
        // Sec-Fetch-Dest names a page.
        let isDocument = boundary == .frame || head.has("sec-fetch-dest")
        isNavigation = client == .page && isDocument && advance == nil
        form = StreamForm(
            boundary: boundary, advanceHeaders: advance ?? (client != .program),
            // Raw parsers that cannot undo chunks use HTTP/1.0 or mjpg-streamer's addresses.
            isChunked: head.minorVersion >= 1 && boundary == .frame)
        let rate = try Parameter.decimal("fps", in: head.query, Self.acceptedRate)
        let frames = try Parameter.integer("frames", in: head.query, Self.acceptedFrames)
        policy = DeliveryState(
            minimumInterval: rate.map { .nanoseconds(Int64(1_000_000_000 / $0)) }, frames: frames)
    }

    /// The fields of the stream's head.
    var headers: [(name: String, value: String)] {
        var headers = [(name: "Content-Type", value: form.contentType)] + SecurityHeaders.unbuffered
        if form.isChunked { headers.append((name: "Transfer-Encoding", value: "chunked")) }
        return headers
    }
}
