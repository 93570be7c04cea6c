// SPDX-License-Identifier: MIT
import Glibc
import LibEvent
import System
import TestSupport

/// A server of one connection that sends the same text repeatedly, as fast as it is read.
final class EndlessPeer {
    let address: ClientAddress
    private let thread: Beside

    init(_ text: String) throws {
        let socket = try ListenSocket.local()
        address = .tcp(host: "127.0.0.1", port: socket.port ?? 0)
        let bytes = Array(String(repeating: text, count: 1000).utf8)
        thread = try Beside { signal in
            let acceptor = Acceptor(socket)
            let connection = try acceptor.accept()
            while !signal.isStopping {
                // Safe: send reads as many bytes as the array has.
                guard unsafe send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) > 0 else { return }
            }
        }
    }

    deinit {
        // An error here has failed the test there.
        try? thread.stop()
    }
}
