// SPDX-License-Identifier: MIT
import Crypto
import Glibc
import LibEvent
import System
import TestSupport

/// A server of one connection that sends given answers, one for each request.
final class ScriptedPeer {
    let address: ClientAddress
    private let thread: Beside

    /// - Parameter keepsOpen: true to keep the connection open after the last answer, until this object is released.
    init(_ answers: String..., keepsOpen: Bool = false) throws {
        let socket = try ListenSocket.local()
        address = .tcp(host: "127.0.0.1", port: socket.port ?? 0)
        thread = try Beside { signal in
            let acceptor = Acceptor(socket)
            let connection = try acceptor.accept()
            for answer in answers {
                var asked = [UInt8](repeating: 0, count: 4096)
                // Safe: recv writes at most as many bytes as the array has, and send reads as many as it has.
                guard unsafe recv(connection, &asked, asked.count, 0) > 0 else { return }
                let bytes = Array(answer.utf8)
                _ = unsafe send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            }
            if keepsOpen { try eventually("the end of the test") { signal.isStopping } }
        }
    }

    /// Returns a connection to it over which requests can be sent.
    func exchange(maxHeadBytes: Int = 4096) throws -> StepwiseExchange {
        try makeExchange(with: address, maxHeadBytes: maxHeadBytes)
    }

    deinit {
        // An error here has failed the test there.
        try? thread.stop()
    }
}

/// Returns an open connection, with limits that no test comes near.
func makeExchange(
    with address: ClientAddress, maxHeadBytes: Int = 4096, tls: ClientTLS? = nil, serverName: String? = nil
) throws -> StepwiseExchange {
    let connection = OutgoingConnection(
        to: .addresses([address]), in: try OutgoingContext(on: EventLoop()),
        limits: OutgoingLimits(each: .seconds(10)), tls: tls, serverName: serverName)
    let exchange = StepwiseExchange(over: connection, maxHeadBytes: maxHeadBytes)
    try exchange.open()
    return exchange
}
