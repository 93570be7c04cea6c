// SPDX-License-Identifier: MIT
import WireFormat

/// The key or token in a request.
///
/// Its description reveals nothing of it.
struct Credential: Sendable, Equatable, CustomStringConvertible {
    /// The part of the request that carries a credential.
    enum Source: Sendable, Equatable {
        /// `?key=`, for senders that cannot set a field: `<img>`, WebSockets.
        case query
        /// Authorization, as Bearer or as the password of Basic.
        case field
    }

    /// The kind, judged by form alone: a token has two dots, a key has none.
    enum Kind: Sendable, Equatable {
        case key
        case token
        /// Neither a key nor a token by its form.
        case malformed
    }

    let text: String
    let source: Source
    let kind: Kind

    /// Reads the credential of `head`: the query first, then Authorization, since the query is used by senders that
    /// cannot set the field. Nil if there is none, or if Authorization has another scheme.
    init?(_ head: RequestHead) {
        if let key = head.query["key"], !key.isEmpty {
            self.init(key, .query)
            return
        }
        switch AuthorizationField(head, maxSecretBytes: TokenVerifier.maxTokenBytes) {
        case .bearer(let token): self.init(token, .field)
        case .basic(let credentials):
            // A browser sends an empty password if its dialog is left empty.
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

    /// True if the credential can be put into a URL without escaping.
    var isURLSafe: Bool {
        kind != .malformed && text.utf8.allSatisfy { $0 == UInt8(ascii: ".") || KeyFile.isKeyByte($0) }
    }

    var description: String { "a \(kind) from the \(source)" }
}
