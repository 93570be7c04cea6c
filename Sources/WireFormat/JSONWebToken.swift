// SPDX-License-Identifier: MIT

/// A JSON Web Token in its compact form (RFC 7519, RFC 7515 §7.1), taken apart and put together. Nothing is verified
/// here: whoever reads the claims has checked the signature before.
///
/// Prints nothing of itself.
public struct JSONWebToken: Equatable, Sendable {
    /// What the header says.
    public let header: JSONObject
    /// What is signed: header and claims as they stand in the token, with the dot between them.
    public let signingInput: [UInt8]
    /// The signature's bytes; never empty.
    public let signature: [UInt8]

    private let payload: [UInt8]
    private let maxDepth: Int

    /// Takes a token apart and reads its header.
    ///
    /// - Parameters:
    ///   - maxBytes: of the whole token.
    ///   - maxDepth: how deep objects and arrays may lie in each other, in header and claims.
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

    /// Reads the claims; to be asked for behind the check of the signature.
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

    /// What has to be signed for a token of these two JSON texts.
    public static func signingInput(header: [UInt8], claims: [UInt8]) -> [UInt8] {
        Array("\(Base64URL.encode(header)).\(Base64URL.encode(claims))".utf8)
    }

    /// The token that carries `signature` for `signingInput`.
    public static func compact(signingInput: [UInt8], signature: [UInt8]) -> String {
        String(decoding: signingInput, as: UTF8.self) + "." + Base64URL.encode(signature)
    }
}

extension JSONWebToken: CustomStringConvertible {
    /// Says what it is and no more.
    public var description: String { "JSON Web Token" }
}

/// Why a text is no JSON Web Token.
public enum JSONWebTokenError: Error, Equatable, Sendable {
    /// More bytes than the limit.
    case tooLong(limitBytes: Int)
    /// There are not exactly two dots.
    case notThreeParts
    /// A part is no base64url, is padded, or is written in another way than it should be.
    case notBase64URL
    /// The header is no JSON object, or has a member twice.
    case badHeader
    /// The claims are no JSON object, or have a member twice.
    case badClaims

    /// What is wrong, in words that go on behind "The token".
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
