// SPDX-License-Identifier: MIT
/// The identity of a publisher: enough to tell publishers apart, and nothing that could be used in a publisher's place.
///
/// Neither the ID nor the credential is kept, only a hash with a seed of this process (SipHash). Collisions cannot be
/// searched for, and do not happen by chance.
public struct PublisherIdentity: Sendable, Hashable {
    /// The hash of the ID that the publisher gives itself, otherwise of its address, its credential and its User-Agent.
    public let source: Int
    /// The number of a streaming upload; nil for a frame in a request of its own.
    public let stream: UInt64?

    private static let acceptedBytes = 8...64

    /// Creates the identity of a publisher that gives itself an ID, independent of its address. Nil if `id` is invalid.
    /// - Parameter stream: the number of a streaming upload; nil for a frame in a request of its own.
    public init?(id: String, stream: UInt64? = nil) {
        guard Self.isValid(id) else { return nil }
        source = id.hashValue
        self.stream = stream
    }

    /// Creates the identity of a publisher without an ID.
    /// - Parameters:
    ///   - host: the publisher's address, without its port.
    ///   - credentialDigest: the digest of the key or link that allows it to publish; nil if it needs none.
    ///   - program: the name of the sending program; nil if it is unknown.
    ///   - stream: the number of a streaming upload; nil for a frame in a request of its own.
    public init(host: String, credentialDigest: [UInt8]?, program: String?, stream: UInt64? = nil) {
        var hasher = Hasher()
        hasher.combine(host)
        hasher.combine(credentialDigest)
        hasher.combine(program)
        source = hasher.finalize()
        self.stream = stream
    }

    /// Returns true if `id` is valid: 8 to 64 of `A-Z a-z 0-9 _ -`.
    private static func isValid(_ id: String) -> Bool {
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
