// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import System
import WireFormat

extension Worker {
    /// Continues the stream of an earlier process's viewer, if its right and the limits still allow it.
    func restore(_ saved: Handover.Viewer) {
        let camera = saved.state.camera
        guard let connection = server.restore(saved.socket) else { return }
        let pendingBytes = saved.state.pendingBytes
        let rest = rest(pendingBytes)
        guard rest != nil || pendingBytes.isEmpty else { return connection.close(.frameMemory) }
        connection.client = PeerAddress(host: saved.state.client)
        var grant = Grant(basis: saved.state.basis, rights: [.view], cameras: [CameraPattern(camera)])
        grant.unseen = saved.state.unseen.flatMap {
            UnseenCredential(restoring: $0, of: connection.asker, rights: [.view], cameras: grant.cameras)
        }
        let held = HeldGrant(grant: grant, right: .view, camera: camera)
        let refusal = access.refusal(of: held, nowMicroseconds: SystemClock.nowMicroseconds(), relay.failures)
        guard refusal == nil else {
            if let rest { connection.send(PartRanges(0..<rest.count), of: rest) }
            connection.write(saved.state.form.closing)
            return connection.closeWhenDrained()
        }
        guard connection.count(client: connection.client ?? .unixSocket) else { return connection.close() }
        guard let place = relay.viewers.admit() else { return connection.close() }
        let limit = configuration.limits.maxViewersPerCamera
        guard let joined = relay.hub.join(camera, inbox, maxViewers: limit) else {
            return connection.close()
        }
        let policy = DeliveryState(resuming: saved.state.policy, now: SystemClock.monotonic())
        let viewer = Viewer(
            connection, in: list(of: joined.camera), form: saved.state.form, policy: policy, grant: grant, place: place,
            on: self)
        add(viewer)
        viewer.resume(rest, latest: joined.latest)
    }

    /// Returns the rest of a part in a block that counts as frame memory, as its frame did; nil if `bytes` is empty or
    /// there is no room.
    private func rest(_ bytes: [UInt8]) -> SharedBytes? {
        guard !bytes.isEmpty else { return nil }
        let builder = BlockBuilder(
            prefixByteCount: 0, bodyByteCount: bytes.count, suffixByteCount: 0, countedIn: relay.ledger)
        builder?.fill(from: bytes)
        return builder?.finish(prefix: [], suffix: [])
    }
}
