// SPDX-License-Identifier: MIT
import WireFormat

/// What a relay says about the request it got (`doctor/info`). Its texts are made printable: they may not steer the
/// terminal.
struct RelayInfo: Equatable, Sendable {
    var version: String
    /// The address it takes the client for.
    var client: String
    /// The address of the one that connected to it, or `unix`.
    var peer: String
    /// The request carried a field that proxies add.
    var isForwarded: Bool
    /// The peer is a trusted proxy.
    var isTrusted: Bool
    /// A trusted proxy has named the client.
    var isNamed: Bool
    /// The scheme it believes the client has used.
    var scheme: String
    /// The Host field.
    var host: String
    /// `HTTP/1.1`.
    var `protocol`: String
    /// The client may publish.
    var isPublishing: Bool
    /// Why it may not, as the refusal of an upload would say it.
    var publishingReason: String
    /// By what it may: `everybody`, `this-machine`, `key`; empty if it may not, and where the relay does not say.
    var publishingBy: String
    /// The largest frame that is accepted.
    var maxFrameBytes: Int

    /// Nil where the answer is not a relay's.
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
