// SPDX-License-Identifier: MIT
import WireFormat

/// The key or token that a request brings.
///
/// Prints nothing of itself.
struct Credential: Sendable, Equatable, CustomStringConvertible {
    /// How it came.
    enum Source: Sendable, Equatable {
        /// `?key=`, for what cannot send a field: `<img>`, WebSockets.
        case query
        /// Authorization, as Bearer or as the password of Basic.
        case field
    }

    /// What it is by its looks; keys have no dots.
    enum Kind: Sendable, Equatable {
        case key
        case token
        /// Of no use, whatever it was meant to be.
        case malformed
    }

    let text: String
    let source: Source
    let kind: Kind

    /// Reads what `head` brings: the query first, then Authorization, as the first is there because the second could
    /// not be. Nil if there is nothing, or another scheme's.
    init?(_ head: RequestHead) {
        if let key = head.query["key"], !key.isEmpty {
            self.init(key, .query)
            return
        }
        switch AuthorizationField(head, maxSecretBytes: TokenVerifier.maxTokenBytes) {
        case .bearer(let token): self.init(token, .field)
        case .basic(let credentials):
            // What a browser sends when somebody leaves its dialog empty.
            guard !credentials.password.isEmpty else { return nil }
            self.init(credentials.password, .field)
        case .malformed: self.init(malformedFrom: .field)
        case .otherScheme, nil: return nil
        }
    }

    private init(_ text: String, _ source: Source) {
        self.text = text
        self.source = source
        switch text.utf8.count(where: { $0 == UInt8(ascii: ".") }) {
        case 2 where text.utf8.count <= TokenVerifier.maxTokenBytes: kind = .token
        case 0 where KeyFile.isKey(text): kind = .key
        default: kind = .malformed
        }
    }

    private init(malformedFrom source: Source) {
        text = ""
        self.source = source
        kind = .malformed
    }

    /// True if it can stand in an address as it is.
    var isURLSafe: Bool {
        kind != .malformed && text.utf8.allSatisfy { $0 == UInt8(ascii: ".") || KeyFile.isKeyByte($0) }
    }

    var description: String { "a \(kind) from the \(source)" }
}
