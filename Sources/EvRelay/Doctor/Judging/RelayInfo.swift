// SPDX-License-Identifier: MIT
import WireFormat

/// A relay's report about a request (`doctor/info`). Its texts are made printable, so that they cannot steer the
/// terminal.
struct RelayInfo: Equatable, Sendable {
    var version: String
    /// The client's address, as the relay sees it.
    var client: String
    /// The address of the peer that connected to the relay, or `unix`.
    var peer: String
    /// True if the request carried a field that proxies add.
    var isForwarded: Bool
    /// True if the peer is a trusted proxy.
    var isTrusted: Bool
    /// True if a trusted proxy has named the client.
    var isNamed: Bool
    /// The scheme that the client has used, as the relay sees it.
    var scheme: String
    /// The value of the Host field.
    var host: String
    /// The protocol's version, such as `HTTP/1.1`.
    var `protocol`: String
    /// True if the client may publish.
    var isPublishing: Bool
    /// The reason why the client may not publish, as in the refusal of an upload.
    var publishingReason: String
    /// The basis of the right to publish: `everybody`, `this-machine`, `key`; empty if there is none, or if the relay
    /// does not say.
    var publishingBy: String
    /// The largest frame that is accepted, in bytes.
    var maxFrameBytes: Int

    /// True for HTTP/1.0, which knows neither WebSockets nor a connection for several requests.
    var isOldProtocol: Bool { self.protocol == "HTTP/1.0" }

    /// Returns true if the Host field is the target's, ignoring case.
    func host(is target: DoctorTarget) -> Bool { host.lowercased() == target.authority.lowercased() }

    /// Reads the answer; nil if it is not a relay's.
    init?(_ object: JSONObject) {
        guard object.text("server") != nil, object.text("version") != nil,
            let maxFrameBytes = object.integer("max_frame_bytes")
        else {
            return nil
        }
        func text(_ name: String) -> String { PrintableText.escaped(String((object.text(name) ?? "").prefix(200))) }
        version = text("version")
        client = text("client")
        peer = text("peer")
        isForwarded = object.boolean("forwarded") ?? false
        isTrusted = object.boolean("trusted") ?? false
        isNamed = object.boolean("named") ?? (client != peer)
        scheme = text("scheme")
        host = text("host")
        self.protocol = text("protocol")
        isPublishing = object.boolean("publishing") ?? false
        publishingReason = text("publishing_reason")
        publishingBy = text("publishing_by")
        self.maxFrameBytes = Int(clamping: maxFrameBytes)
    }
}
