// SPDX-License-Identifier: MIT

/// A client's request to switch to WebSocket (RFC 6455 §4.2.1), checked.
///
/// The answer is 101 with `Upgrade: websocket`, `Connection: Upgrade` and `Sec-WebSocket-Accept`: the base64 of the
/// SHA-1 of `key` followed by `acceptSuffix`.
public struct WebSocketHandshake: Equatable, Sendable {
    /// The text after the key in the input of the digest that proves that the server speaks WebSocket (RFC 6455 §1.3).
    public static let acceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    /// Sec-WebSocket-Key as it was sent: 16 bytes in base64, 24 characters.
    public let key: String

    /// Creates it from a request, which it checks. The check of Origin is left to the caller, whose policy it is.
    public init(_ head: RequestHead) throws(WebSocketHandshakeError) {
        guard head.method == .get else { throw .notGet }
        guard head.minorVersion >= 1, head.fieldContains("upgrade", token: "websocket"),
            head.fieldContains("connection", token: "upgrade")
        else { throw .noUpgrade }
        guard head.field("sec-websocket-version") == "13" else { throw .badVersion }
        guard let key = head.field("sec-websocket-key"), Self.isKey(key) else { throw .badKey }
        guard !head.hasBody else { throw .hasBody }
        self.key = key
    }

    /// Returns true for 16 bytes in base64: 22 characters and two `=` (RFC 4648 §4).
    private static func isKey(_ text: String) -> Bool {
        let bytes = text.utf8.span
        guard bytes.count == 24, bytes[22] == ASCII.equals, bytes[23] == ASCII.equals else { return false }
        for index in 0..<22 where !ASCII.base64.contains(bytes[index]) { return false }
        return true
    }
}

/// An error in a request to switch to WebSocket.
public enum WebSocketHandshakeError: Error, Equatable, Sendable {
    /// Another method than GET.
    case notGet
    /// An ordinary request: no `Upgrade: websocket` with `Connection: Upgrade`, or HTTP/1.0.
    case noUpgrade
    /// Sec-WebSocket-Version is missing or not 13.
    case badVersion
    /// Sec-WebSocket-Key is missing or not 16 bytes in base64.
    case badKey
    /// A body follows the head.
    case hasBody

    /// The additional fields that the answer must have (RFC 9110 §15.5.6 and §15.5.22, RFC 6455 §4.4).
    public var fields: KeyValuePairs<String, String> {
        switch self {
        case .notGet: ["Allow": "GET"]
        case .noUpgrade: ["Upgrade": "websocket", "Connection": "Upgrade"]
        case .badVersion: ["Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"]
        case .badKey, .hasBody: [:]
        }
    }

    /// The problem, and what would be accepted.
    public var message: String {
        switch self {
        case .notGet: "A WebSocket begins with GET."
        case .noUpgrade:
            "This address speaks WebSocket: \"Upgrade: websocket\" and \"Connection: Upgrade\" are expected, in HTTP/1.1."
        case .badVersion: "Sec-WebSocket-Version must be 13, once."
        case .badKey: "Sec-WebSocket-Key must be 16 bytes in base64, 24 characters, once."
        case .hasBody: "A request for a WebSocket has no body."
        }
    }
}
