// SPDX-License-Identifier: MIT
import LibEvent
import System
import TestSupport

/// A client that sends and never reads.
final class Pusher {
    private let socket: ClientSocket
    /// The bytes that the socket has accepted.
    private(set) var sentBytes = 0
    /// True if the peer has closed or reset the connection.
    private(set) var hasFailed = false

    init(_ address: ClientAddress) throws {
        socket = try ClientSocket(connectingTo: address)
        _ = socket.wait(for: .writable, timeout: .seconds(10))
        if let error = socket.connectionError() { throw error }
    }

    /// Sends `bytes` `times` times; false if the peer has accepted nothing for half a second, or has gone.
    func push(_ bytes: [UInt8], times: Int = 1) -> Bool {
        for _ in 0..<times {
            var sent = 0
            while sent < bytes.count {
                switch socket.write(bytes.span.extracting(sent..<bytes.count)) {
                case .bytes(let count):
                    sent += count
                    sentBytes += count
                case .wouldBlock:
                    guard !socket.wait(for: .writable, timeout: .milliseconds(500)).isEmpty else { return false }
                case .failed:
                    hasFailed = true
                    return false
                }
            }
        }
        return true
    }

    func push(_ text: String) -> Bool { push(Array(text.utf8)) }
}
