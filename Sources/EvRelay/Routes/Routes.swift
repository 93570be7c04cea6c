// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import WireFormat

/// Every path and its handler.
///
/// Confined to its worker's loop.
struct Routes {
    private let worker: Worker
    private let security: SecurityHeaders

    init(_ worker: Worker) {
        self.worker = worker
        security = SecurityHeaders(worker.configuration)
    }

    /// Returns the client that a trusted proxy has named; nil if there is none.
    func forwardedClient(of head: RequestHead, peer: PeerAddress) -> PeerAddress? {
        let forwarding = Forwarding(head, peer: peer, trusted: worker.configuration.trustedProxies)
        return forwarding.isForwarded ? forwarding.client : nil
    }

    /// Tells the worker that a connection has changed its phase.
    func connectionMoved() { worker.connectionMoved() }

    /// Returns true if `peer` is a trusted proxy.
    func isTrustedProxy(_ peer: PeerAddress) -> Bool { worker.configuration.trustedProxies.contains(peer) }

    /// Decides about a request whose head has arrived.
    func admit(_ head: RequestHead, from peer: PeerAddress, isEncrypted: Bool) -> Admission {
        let origin = CrossOrigin(head, allowed: worker.configuration.allowedOrigins)
        var call = Call(
            head: head, peer: peer,
            forwarding: Forwarding(
                head, peer: peer, isEncrypted: isEncrypted, trusted: worker.configuration.trustedProxies),
            origin: origin, security: security, worker: worker)
        let route: Route
        do throws(RouteError) {
            route = try Route.match(head.path, head.query)
        } catch {
            return call.refuse(Refusal(error))
        }
        call.content = route.content
        if head.method == .options { return call.options(route) }
        guard route.methods.contains(head.method) else { return call.methodNotAllowed(route) }
        if let port = worker.configuration.tls.redirectPort, route.isPage, !call.forwarding.isSecure {
            return call.redirectToHTTPS(port: port)
        }
        do throws(AccessRefusal) {
            return try handle(route, &call)
        } catch {
            return call.refuse(error)
        }
    }

    private func handle(_ route: Route, _ call: inout Call) throws(AccessRefusal) -> Admission {
        switch route {
        case .file(let path): return call.file(path)
        case .watchDefault: return call.redirect(308, to: call.relativeAddress("watch/\(CameraID.default)"))
        case .upload(let camera):
            call.isUpload = true
            try call.refuseForeignPublishing()
            return try call.granted([.publish], on: camera).upload(to: camera)
        case .stream(let reference, let boundary):
            return try call.stream(reference.resolve(worker.relay.hub.hasFrame(of:)), boundary)
        case .snapshot(let reference):
            let camera = reference.resolve(worker.relay.hub.hasFrame(of:))
            return try call.granted([.view], on: camera).snapshot(camera)
        case .numberedStream(let number):
            let call = try call.granted([.view])
            return try call.numbered(number) { (camera) throws(AccessRefusal) in
                try call.stream(camera, .boundaryDoNotCross)
            }
        case .numberedSnapshot(let number):
            let call = try call.granted([.view])
            return try call.numbered(number) { call.snapshot($0) }
        case .cameras: return try call.granted([.observe, .view]).cameras()
        case .camera(let camera): return try call.granted([.observe, .view], on: camera).camera(camera)
        case .health: return call.health()
        case .readiness: return call.readiness()
        case .metrics: return try call.granted([.observe]).metrics()
        case .doctorInfo: return call.doctorInfo()
        case .doctorStream: return call.doctorStream()
        case .doctorEcho: return call.doctorEcho()
        case .doctorSocket: return call.doctorSocket()
        case .server: return call.refuse(.notFound)
        }
    }
}
