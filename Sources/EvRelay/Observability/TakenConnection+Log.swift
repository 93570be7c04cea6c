// SPDX-License-Identifier: MIT
import LibEvent
import Logging

extension TakenConnection {
    /// Who is at the other end, for a line about a `role`: its address, and its client's if it is a proxy.
    func whom(_ role: String) -> Logger.Metadata {
        var metadata: Logger.Metadata = ["\(role).peer": "\(peer.text)"]
        if let client { metadata["client"] = "\(client.host)" }
        return metadata
    }
}
