// SPDX-License-Identifier: MIT
import COpenSSL
import Glibc
import TestSupport
import Testing

@testable import Crypto

@Suite struct RecordSocketTests {
    /// Two ends of a connection, the first of which encrypts with keys of zeros.
    private final class Ends {
        let socket: RecordSocket
        private let near: Int32
        private let far: Int32

        init() throws {
            var ends: [Int32] = [-1, -1]
            let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue)
            try #require(unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0)
            (near, far) = (ends[0], ends[1])
            socket = RecordSocket(near, try RecordRoom())
            var info = tls12_crypto_info_aes_gcm_128()
            info.info.version = 0x0304
            info.info.cipher_type = UInt16(TLS_CIPHER_AES_GCM_128)
            try #require(unsafe withUnsafeBytes(of: &info) { unsafe $0.baseAddress.map(socket.takeOver) ?? false })
        }

        /// Sends until the kernel accepts nothing more, and returns the number of bytes sent.
        func fill() -> Int {
            let filling = [UInt8](repeating: 0, count: 1024)
            var count = 0
            while true {
                let sent = unsafe send(near, filling, filling.count, 0)
                guard sent > 0 else { return count }
                count += sent
            }
        }

        func write(_ bytes: [UInt8]) -> Int? { unsafe bytes.withUnsafeBytes { unsafe socket.write($0) } }

        /// Receives the bytes that have arrived, at most `limit`.
        func receive(atMost limit: Int = 1 << 20) -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: limit)
            let count = unsafe recv(far, &bytes, limit, 0)
            return Array(bytes.prefix(max(0, count)))
        }

        deinit {
            close(near)
            close(far)
        }
    }

    private static let bytes = [UInt8](repeating: 7, count: 1000)

    /// OpenSSL would need the same bytes again at the same address, which may have been that of a temporary copy.
    @Test func `a record that finds no room is sent later as it was made`() throws {
        let (first, second) = (try Ends(), try Ends())
        #expect(first.write(Self.bytes) == 1000)
        let wanted = first.receive()
        #expect(wanted.count == 1022)

        var filled = second.fill()
        #expect(second.write(Self.bytes) == nil)
        while filled > 0 { filled -= second.receive(atMost: filled).count }
        #expect(second.write([UInt8](repeating: 9, count: 1000)) == 1000)
        #expect(second.receive() == wanted)
        // The next record has the next number on both sides.
        #expect(first.write([1]) == 1)
        #expect(second.write([1]) == 1)
        #expect(first.receive() == second.receive())
    }

    @Test func `a record of one kind does not end one of another`() throws {
        let ends = try Ends()
        _ = ends.fill()
        #expect(ends.write(Self.bytes) == nil)
        ends.socket.controlType = 21
        #expect(ends.write([1, 0]) == -1)
    }

    @Test func `a peer that is gone is an error`() throws {
        let ends = try Ends()
        shutdown(ends.socket.descriptor, Int32(SHUT_WR))
        #expect(ends.write(Self.bytes) == -1)
    }
}
