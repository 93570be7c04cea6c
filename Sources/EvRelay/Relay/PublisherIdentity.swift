// SPDX-License-Identifier: MIT
import LibEvent
import WireFormat

/// Who sends a camera's frames: what tells one publisher from another, and nothing that could be used in its place.
///
/// Neither an id nor a credential is kept, only a hash with a seed of this process (SipHash), so that two publishers with
/// the same hash can neither be looked for nor be expected.
struct PublisherIdentity: Sendable, Hashable {
    /// What the publisher calls itself, or where it comes from.
    let source: Int
    /// A streaming upload has a number of its own; nil for frames in requests of their own.
    let stream: UInt64?

    /// The field by which a publisher names itself, whatever its address.
    static let field = "x-publisher-id"
    private static let acceptedBytes = 8...64

    /// The publisher that sent `head`.
    /// - Parameters:
    ///   - client: who asks.
    ///   - credentialDigest: of the key or link that it may publish by; nil if it needs none.
    ///   - stream: the number of a streaming upload.
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

    /// Whether `id` can stand in the field.
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
