// SPDX-License-Identifier: MIT
import Cameras

/// Single frames for viewers, now or as soon as there is a newer one.
struct Snapshots: Feature {
    private static let endings = [".jpg", ".jpeg"]

    var routes: [Route] {
        [
            snapshot(.camera("snapshot")), snapshot(.words("snapshot.jpg")), snapshot(.action("snapshot")),
            Route(
                name: "numbered snapshot", address: .numberedAction("snapshot"), content: .picture, rights: [.view]
            ) { (match, call) throws(AccessRefusal) in
                try call.numbered(match.number ?? 0) { SnapshotHandler(call: call).snapshot($0) }
            },
        ]
    }

    private func snapshot(_ address: Route.Address) -> Route {
        Route(name: "snapshot", address: address, endings: Self.endings, content: .picture) {
            (match, call) throws(AccessRefusal) in
            let camera = match.reference.map(call.resolve) ?? .default
            return try SnapshotHandler(call: call.granted([.view], on: camera)).snapshot(camera)
        }
    }
}
