// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import WireFormat

extension PublisherIdentity {
    /// Creates the identity of the publisher that sent `head`: by its X-Publisher-ID, otherwise by its address, its
    /// credential and its User-Agent.
    /// - Parameters:
    ///   - client: the publisher's address.
    ///   - credentialDigest: the digest of the key or link that allows it to publish; nil if it needs none.
    ///   - stream: the number of a streaming upload; nil for a frame in a request of its own.
    /// - Throws: `Refusal.badPublisherID` if the field has an invalid value.
    init(
        _ head: RequestHead, client: PeerAddress, credentialDigest: [UInt8]?, stream: UInt64? = nil
    ) throws(Refusal) {
        guard let id = head.field("x-publisher-id") else {
            self.init(
                host: client.host, credentialDigest: credentialDigest, program: head.field("user-agent"),
                stream: stream)
            return
        }
        guard let identity = PublisherIdentity(id: id, stream: stream) else { throw .badPublisherID }
        self = identity
    }
}
