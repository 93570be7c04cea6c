// SPDX-License-Identifier: MIT
import LibEvent
import WireFormat

/// Every path and its handler.
///
/// Confined to its worker's loop.
struct Routes {
    private unowned let worker: Worker
    private let access: AccessPolicy

    init(_ worker: Worker) {
        self.worker = worker
        access = AccessPolicy(worker.configuration)
    }

    /// Who asked through a trusted proxy; nil if nobody did.
    func forwardedClient(of head: RequestHead, peer: PeerAddress) -> PeerAddress? {
        let forwarding = Forwarding(head, peer: peer, trusted: worker.configuration.trustedProxies)
        return forwarding.isForwarded ? forwarding.client : nil
    }

    /// Tells the worker that a connection does something else now.
    func connectionMoved() { worker.connectionMoved() }

    /// True if `peer` is a proxy whose word about its clients counts.
    func isTrustedProxy(_ peer: PeerAddress) -> Bool { worker.configuration.trustedProxies.contains(peer) }

    /// Decides about a request whose head is in.
    func admit(_ head: RequestHead, from peer: PeerAddress) -> Admission {
        let origins = worker.configuration.allowedOrigins
        let origin = CrossOrigin(head, allowed: origins)
        var call = Call(
            head: head, peer: peer,
            forwarding: Forwarding(head, peer: peer, trusted: worker.configuration.trustedProxies), origin: origin,
            headers: origin.headers(variesByOrigin: !origins.named.isEmpty), worker: worker)
        let route: Route
        do throws(RouteError) {
            route = try Route.match(head.path, head.query)
        } catch {
            return call.refuse(error.answer)
        }
        if head.method == .options { return call.options(route) }
        guard route.methods.contains(head.method) else { return call.methodNotAllowed(route) }
        switch route {
        case .file(let path): return call.file(path)
        case .watchDefault: return call.redirect(308, to: "watch/\(CameraID.default)")
        case .upload(let camera):
            call.isUpload = true
            if let refusal = access.refusalToPublish(head, peer: peer, origin: origin) { return call.refuse(refusal) }
            return call.upload(to: camera)
        case .stream(let camera, let boundary): return call.stream(camera, boundary)
        case .snapshot(let camera): return call.snapshot(camera)
        case .numberedStream(let number):
            return call.numbered(number) { call.stream($0, .boundaryDoNotCross) }
        case .numberedSnapshot(let number): return call.numbered(number) { call.snapshot($0) }
        case .cameras: return call.cameras()
        case .camera(let camera): return call.camera(camera)
        case .health: return call.health()
        case .readiness: return call.readiness()
        case .metrics: return call.metrics()
        case .doctorInfo: return call.doctorInfo(access)
        case .doctorStream: return call.doctorStream()
        case .doctorEcho: return call.doctorEcho()
        case .doctorSocket: return call.doctorSocket()
        case .server: return call.refuse(RouteError.notFound.answer)
        }
    }
}
