// SPDX-License-Identifier: MIT
import COpenSSL
import Glibc
import LibEvent
import System
import TestSupport

/// A TLS client made with OpenSSL only, over a blocking socket, for actions that this project's own clients never take.
///
/// Confined to one thread. Every wait ends after ten seconds.
@safe
final class OpenSSLPeer {
    private let context: OpaquePointer
    private let connection: OpaquePointer
    private let descriptor: Int32

    /// - Parameters:
    ///   - suite: the only cipher suite of TLS 1.3 that is offered.
    ///   - isTLS12: true to offer nothing newer than TLS 1.2.
    init(
        _ address: ClientAddress, receiveBufferBytes: Int32 = 1 << 17, _ suite: String = "TLS_AES_128_GCM_SHA256",
        isTLS12: Bool = false
    ) throws {
        guard case .tcp(_, let port) = address, let context = unsafe SSL_CTX_new(TLS_client_method()),
            let connection = unsafe SSL_new(context)
        else { throw WaitError("a client of OpenSSL's") }
        unsafe (self.context, self.connection) = (context, connection)
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var size = receiveBufferBytes
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = port.bigEndian
        target.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isConnected =
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, 4) == 0
            && setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, 16) == 0
            && withUnsafeBytes(of: &target) {
                unsafe connect(descriptor, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), length) == 0
            }
            && SSL_ctrl(connection, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(isTLS12 ? TLS1_2_VERSION : 0), nil) == 1
            && SSL_set_ciphersuites(connection, suite) == 1 && SSL_set_fd(connection, descriptor) == 1
            && SSL_connect(connection) == 1
        guard isConnected else { throw WaitError("a handshake of OpenSSL's") }
    }

    deinit {
        unsafe SSL_free(connection)
        unsafe SSL_CTX_free(context)
        close(descriptor)
    }

    /// Changes this side's keys with the next write, and asks the other side to do the same (RFC 8446 section 4.6.3).
    func askForNewKeys() throws {
        guard unsafe SSL_key_update(connection, SSL_KEY_UPDATE_REQUESTED) == 1 else { throw WaitError("new keys") }
    }

    /// Changes this side's keys at once, `times` times. Returns the number of changes before the other side refused.
    func changeKeys(times: Int) -> Int {
        for count in 0..<times {
            guard unsafe SSL_key_update(connection, SSL_KEY_UPDATE_NOT_REQUESTED) == 1,
                unsafe SSL_do_handshake(connection) == 1
            else { return count }
        }
        return times
    }

    /// Announces that this side sends nothing more (RFC 8446 section 6.1).
    func sayGoodbye() { _ = unsafe SSL_shutdown(connection) }

    /// Ends this side's data without TLS's goodbye.
    func endSocket() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Makes the end of the connection a reset, without TCP's goodbye either.
    func reset() {
        var now = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    }

    /// Reads everything until the other side's goodbye; nil if it ends without one.
    func readToGoodbye() -> [UInt8]? {
        var all: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 65_536)
        while true {
            let got = unsafe SSL_read(connection, &room, Int32(room.count))
            guard got > 0 else {
                return unsafe SSL_get_error(connection, got) == SSL_ERROR_ZERO_RETURN ? all : nil
            }
            all += room.prefix(Int(got))
        }
    }

    func write(_ text: String) throws {
        let bytes = Array(text.utf8)
        guard unsafe SSL_write(connection, bytes, Int32(bytes.count)) == bytes.count else {
            throw WaitError("a write of OpenSSL's")
        }
    }

    func read(_ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let got = unsafe bytes.withUnsafeMutableBytes { room in
                unsafe SSL_read(connection, room.baseAddress.map { unsafe $0 + done }, Int32(count - done))
            }
            guard got > 0 else { throw WaitError("byte \(done) of \(count)") }
            done += Int(got)
        }
        return bytes
    }
}
