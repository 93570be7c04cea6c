// SPDX-License-Identifier: MIT

/// A JSON Web Token in its compact form (RFC 7519, RFC 7515 §7.1), parsed or composed. Nothing is verified here: the
/// caller checks the signature before it reads the claims.
///
/// Its description contains nothing of the token.
public struct JSONWebToken: Equatable, Sendable {
    /// The header's members.
    public let header: JSONObject
    /// The signed bytes: header and claims as they are in the token, with the dot between them.
    public let signingInput: [UInt8]
    /// The signature's bytes; never empty.
    public let signature: [UInt8]

    private let payload: [UInt8]
    private let maxDepth: Int

    /// Creates it from the compact form, and reads its header.
    ///
    /// - Parameters:
    ///   - maxBytes: the longest token in bytes.
    ///   - maxDepth: the deepest nesting of objects and arrays, in header and claims.
    public init(_ text: Span<UInt8>, maxBytes: Int, maxDepth: Int) throws(JSONWebTokenError) {
        guard text.count <= maxBytes else { throw .tooLong(limitBytes: maxBytes) }
        var dots: [Int] = []
        for index in text.indices where text[index] == 0x2E { dots.append(index) }
        guard dots.count == 2 else { throw .notThreeParts }
        guard let header = Base64URL.decode(text.extracting(first: dots[0])),
            let payload = Base64URL.decode(text.extracting(dots[0] + 1..<dots[1])),
            let signature = Base64URL.decode(text.extracting(droppingFirst: dots[1] + 1)), !signature.isEmpty
        else { throw .notBase64URL }
        self.header = try Self.object(header, maxDepth, orElse: .badHeader)
        self.payload = payload
        self.signature = signature
        self.maxDepth = maxDepth
        signingInput = [UInt8](capacity: dots[1]) { copy in for index in 0..<dots[1] { copy.append(text[index]) } }
    }

    /// Reads the claims. To be called after the check of the signature.
    public func claims() throws(JSONWebTokenError) -> JSONObject {
        try Self.object(payload, maxDepth, orElse: .badClaims)
    }

    private static func object(
        _ bytes: [UInt8], _ maxDepth: Int, orElse failure: JSONWebTokenError
    ) throws(JSONWebTokenError) -> JSONObject {
        do throws(JSONObjectError) {
            return try JSONObject.parse(bytes.span, maxDepth: maxDepth)
        } catch {
            throw failure
        }
    }

    /// Returns the bytes to sign for a token of these two JSON texts.
    public static func signingInput(header: [UInt8], claims: [UInt8]) -> [UInt8] {
        Array("\(Base64URL.encode(header)).\(Base64URL.encode(claims))".utf8)
    }

    /// Returns the token that carries `signature` for `signingInput`.
    public static func compact(signingInput: [UInt8], signature: [UInt8]) -> String {
        String(decoding: signingInput, as: UTF8.self) + "." + Base64URL.encode(signature)
    }
}

extension JSONWebToken: CustomStringConvertible {
    /// The name of the format, and nothing of the token.
    public var description: String { "JSON Web Token" }
}

/// An error in the compact form of a JSON Web Token.
public enum JSONWebTokenError: Error, Equatable, Sendable {
    /// More bytes than the limit.
    case tooLong(limitBytes: Int)
    /// Not exactly two dots.
    case notThreeParts
    /// A part that is not base64url, is padded, or has another spelling than the canonical one; or an empty signature.
    case notBase64URL
    /// A header that is no JSON object, or repeats a member.
    case badHeader
    /// Claims that are no JSON object, or repeat a member.
    case badClaims

    /// The problem, in words that follow "The token".
    public var message: String {
        switch self {
        case .tooLong(let limitBytes): "has more than \(limitBytes) bytes"
        case .notThreeParts: "has not three parts with dots between"
        case .notBase64URL: "has a part that is not base64url without padding"
        case .badHeader: "has a header that is not one JSON object with each member once"
        case .badClaims: "has claims that are not one JSON object with each member once"
        }
    }
}
