// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import WireFormat

/// Decides about the requests of one worker by the table of routes.
///
/// Confined to its worker's loop.
struct Routes {
    private let table: RouteTable
    private let worker: Worker
    private let security: SecurityHeaders

    init(_ table: RouteTable, on worker: Worker) {
        self.table = table
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
        let match: RouteMatch
        do throws(RouteError) {
            match = try table.match(head.path, head.query)
        } catch {
            return call.refuse(Refusal(error))
        }
        let route = match.route
        call.content = route.content
        if head.method == .options { return call.options(route) }
        guard route.methods.contains(head.method) else { return call.methodNotAllowed(route) }
        if let port = worker.configuration.tls.redirectPort, route.isPage, !call.forwarding.isSecure {
            return call.redirectToHTTPS(port: port)
        }
        do throws(AccessRefusal) {
            call.isUpload = route.isUpload
            return try route.answer(match, call)
        } catch {
            return call.refuse(error)
        }
    }
}
