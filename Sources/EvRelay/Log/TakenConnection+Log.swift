// SPDX-License-Identifier: MIT
import LibEvent
import Logging

extension TakenConnection {
    /// Returns the log values that identify the other end as a `role`: its address, and the client's if it is a proxy.
    func whom(_ role: String) -> Logger.Metadata {
        var metadata: Logger.Metadata = ["\(role).peer": "\(peer.text)"]
        if let client { metadata["client"] = "\(client.host)" }
        return metadata
    }
}
