// SPDX-License-Identifier: MIT
internal import CLibEvent
import WireFormat

/// A request without a body that must be answered exactly once.
///
/// Confined to one event loop. Not copyable: `respond` consumes it, and one that is let go unanswered answers 500.
@safe
public struct HTTPRequest: ~Copyable {
    private let request: OpaquePointer
    private let connection: Unmanaged<GateConnection>

    init(_ request: OpaquePointer, on connection: GateConnection) {
        unsafe self.request = request
        // Unretained is enough: the connection's table entry outlives the callback in which a request is answered.
        unsafe self.connection = Unmanaged.passUnretained(connection)
    }

    /// Sends the answer through evhttp, which keeps or closes the connection as the client asked.
    public consuming func respond(_ response: HTTPResponse) {
        send(response)
        discard self
    }

    deinit {
        send(HTTPResponse(500, body: .bytes([])))
    }

    private func send(_ response: HTTPResponse) {
        let connection = unsafe connection.takeUnretainedValue()
        connection.note(response)
        let fields = unsafe evhttp_request_get_output_headers(request)
        for (name, value) in response.headers { _ = unsafe evhttp_add_header(fields, name, value) }
        if connection.gate.isDraining { _ = unsafe evhttp_add_header(fields, "Connection", "close") }
        // Also for HEAD, whose body is left out but whose length is told.
        if response.hasLength { _ = unsafe evhttp_add_header(fields, "Content-Length", "\(response.body.count)") }
        let body = unsafe evbuffer_new()
        defer { if let body = unsafe body { unsafe evbuffer_free(body) } }
        if let body = unsafe body, connection.head?.method != .head { unsafe response.body.append(to: body) }
        unsafe evhttp_send_reply(request, Int32(response.status), response.reasonPhrase, body)
    }
}

extension HTTPResponse.Body {
    /// Appends the body to an evbuffer: own bytes as a copy, shared ones by reference.
    func append(to buffer: OpaquePointer) {
        switch self {
        case .none: break
        case .bytes(let bytes):
            unsafe bytes.withUnsafeBytes { source in _ = unsafe evbuffer_add(buffer, source.baseAddress, source.count) }
        case .shared(let block, let range): unsafe block.append(range, to: buffer)
        }
    }
}
