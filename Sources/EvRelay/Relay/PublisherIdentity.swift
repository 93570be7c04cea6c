// SPDX-License-Identifier: MIT
import LibEvent
import WireFormat

/// The identity of a publisher: enough to tell publishers apart, and nothing that could be used in a publisher's place.
///
/// Neither the ID nor the credential is kept, only a hash with a seed of this process (SipHash). Collisions cannot be
/// searched for, and do not happen by chance.
struct PublisherIdentity: Sendable, Hashable {
    /// The hash of the ID that the publisher gives itself, otherwise of its address, its credential and its User-Agent.
    let source: Int
    /// The number of a streaming upload; nil for a frame in a request of its own.
    let stream: UInt64?

    /// The header field in which a publisher gives itself an ID, independent of its address.
    static let field = "x-publisher-id"
    private static let acceptedBytes = 8...64

    /// Creates the identity of the publisher that sent `head`.
    /// - Parameters:
    ///   - client: the publisher's address.
    ///   - credentialDigest: the digest of the key or link that allows it to publish; nil if it needs none.
    ///   - stream: the number of a streaming upload; nil for a frame in a request of its own.
    /// - Throws: `UploadRefusal.badPublisherID` if the field has an invalid value.
    init(
        _ head: RequestHead, client: PeerAddress, credentialDigest: [UInt8]?, stream: UInt64? = nil
    ) throws(UploadRefusal) {
        self.stream = stream
        var hasher = Hasher()
        if let id = head.field(Self.field) {
            guard Self.isValid(id) else { throw .badPublisherID }
            hasher.combine(id)
        } else {
            hasher.combine(client.host)
            hasher.combine(credentialDigest)
            hasher.combine(head.field("user-agent"))
        }
        source = hasher.finalize()
    }

    /// Returns true if `id` is valid in the field: 8 to 64 of `A-Z a-z 0-9 _ -`.
    static func isValid(_ id: String) -> Bool {
        acceptedBytes.contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
