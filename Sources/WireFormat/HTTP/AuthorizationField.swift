// SPDX-License-Identifier: MIT

/// The credentials in the Authorization field of a request (RFC 9110 §11.6.2).
///
/// Its description contains nothing of the secret.
public enum AuthorizationField: Equatable, Sendable {
    /// A token of RFC 6750 §2.1.
    case bearer(String)
    /// User name and password.
    case basic(BasicCredentials)
    /// Another scheme; the client may try again with one of ours.
    case otherScheme
    /// One of the two schemes, with credentials that cannot be read.
    case malformed

    /// Creates it from the field of `head`; nil if `head` has none.
    ///
    /// - Parameter maxSecretBytes: the longest token or password in bytes; a longer one is `malformed`.
    public init?(_ head: RequestHead, maxSecretBytes: Int) {
        guard let value = head.field("authorization") else { return nil }
        self.init(value, maxSecretBytes: maxSecretBytes)
    }

    /// Creates it from the value of the field.
    public init(_ value: String, maxSecretBytes: Int) {
        let bytes = value.utf8.span
        var end = 0
        while end < bytes.count, bytes[end] != ASCII.space { end += 1 }
        let scheme = bytes.extracting(first: end)
        while end < bytes.count, bytes[end] == ASCII.space { end += 1 }
        let rest = bytes.extracting(droppingFirst: end)
        if ASCII.equal(scheme, caseless: "bearer") {
            let isToken = Self.isToken68(rest) && rest.count <= maxSecretBytes
            self = isToken ? .bearer(String(decoding: value.utf8.dropFirst(end), as: UTF8.self)) : .malformed
        } else if ASCII.equal(scheme, caseless: "basic") {
            self = BasicCredentials(rest, maxPasswordBytes: maxSecretBytes).map { .basic($0) } ?? .malformed
        } else {
            self = .otherScheme
        }
    }

    /// Returns true for a `token68` of RFC 9110 §11.2.
    private static func isToken68(_ text: Span<UInt8>) -> Bool {
        var end = text.count
        while end > 0, text[end - 1] == ASCII.equals { end -= 1 }
        guard end > 0 else { return false }
        for index in 0..<end where !ASCII.token68.contains(text[index]) { return false }
        return true
    }
}

/// A user name and a password (RFC 7617), in UTF-8 as the challenge asks for.
public struct BasicCredentials: Equatable, Sendable {
    /// Everything before the first colon; may be empty.
    public let user: String
    /// Everything after the first colon; may be empty.
    public let password: String

    /// The longest user name in bytes. Those of browsers and cameras are shorter.
    private static let maxUserBytes = 256

    /// Creates them from padded base64 of UTF-8 that has a colon and no control characters (RFC 7617 §2); nil for
    /// anything else, and for a user name or password over its limit.
    init?(_ text: Span<UInt8>, maxPasswordBytes: Int) {
        // Four characters encode three bytes: a text that would be too long is not decoded.
        guard text.count / 4 <= (Self.maxUserBytes + maxPasswordBytes) / 3 + 1,
            let bytes = Base64.decodePadded(text), let colon = bytes.firstIndex(of: ASCII.colon),
            colon <= Self.maxUserBytes, bytes.count - colon - 1 <= maxPasswordBytes,
            !bytes.contains(where: { $0 < ASCII.space || $0 == 0x7F }),
            let user = String(validating: bytes[..<colon], as: UTF8.self),
            let password = String(validating: bytes[(colon + 1)...], as: UTF8.self)
        else { return nil }
        self.user = user
        self.password = password
    }
}

extension AuthorizationField: CustomStringConvertible {
    /// The scheme alone.
    public var description: String {
        switch self {
        case .bearer: "bearer"
        case .basic: "basic"
        case .otherScheme: "other scheme"
        case .malformed: "malformed"
        }
    }
}

extension BasicCredentials: CustomStringConvertible {
    /// The user name alone.
    public var description: String { "user \(user)" }
}
