// SPDX-License-Identifier: MIT
internal import CLibEvent
internal import COpenSSL
import Crypto
import Glibc
import WireFormat

/// The TLS side of one accepted connection, beside libevent's: writes to the socket at once what libevent would write
/// in a later turn of the loop, and ends the connection as TLS requires.
///
/// Confined to one event loop. The SSL object belongs to its bufferevent; nothing works once that is freed.
@safe
final class TLSLink {
    private let connection: OpaquePointer
    private let socket: RecordSocket
    /// Retained until the connection ends: OpenSSL calls it back during the handshake.
    private let context: TLSServerContext
    private var hasOfferedTicket = false
    /// The limit of the peer's key changes.
    var peerKeyChanges = KeyChangeLimit()

    /// Adds TLS writing to a bufferevent that has its socket; nil if memory runs out.
    init?(_ buffer: OpaquePointer, _ context: TLSServerContext, _ room: RecordRoom) {
        let socket = unsafe RecordSocket(bufferevent_getfd(buffer), room)
        guard let connection = unsafe bufferevent_openssl_get_ssl(buffer), let bio = unsafe SocketBIO.make(socket)
        else { return nil }
        unsafe self.connection = connection
        self.socket = socket
        self.context = context
        // The BIO belongs to the connection from here on; the one for reading stays libevent's.
        unsafe SSL_set0_wbio(connection, bio)
        unsafe SSL_set_msg_callback(connection, gatePeerMessage)
        _ = unsafe SSL_ctrl(connection, SSL_CTRL_SET_MSG_CALLBACK_ARG, 0, UnsafeMutableRawPointer(buffer))
        unsafe bufferevent_openssl_set_allow_dirty_shutdown(buffer, 1)
    }

    /// Returns a bufferevent that waits for a client's first message on the socket `descriptor`; nil if memory runs
    /// out.
    static func makeBuffer(
        on base: OpaquePointer, _ descriptor: Int32, _ context: TLSServerContext
    ) -> OpaquePointer? {
        guard let connection = unsafe context.makeConnection() else { return nil }
        let options = Int32(BEV_OPT_CLOSE_ON_FREE.rawValue)
        let buffer = unsafe bufferevent_openssl_socket_new(
            base, descriptor, connection, BUFFEREVENT_SSL_ACCEPTING, options)
        if unsafe buffer == nil { unsafe SSL_free(connection) }
        return unsafe buffer
    }

    /// True once both sides have their keys.
    var isOpen: Bool { unsafe SSL_is_init_finished(connection) == 1 }

    /// True if the client resumed an earlier session.
    var isResumed: Bool { unsafe SSL_session_reused(connection) == 1 }

    /// True while the socket makes the records, false while OpenSSL makes them.
    var isSealing: Bool { socket.isSealing }

    /// Writes as many of `bytes` as the kernel takes. Nothing may be pending.
    func write(_ bytes: UnsafeRawBufferPointer) -> RecordSocket.Progress {
        unsafe write(PartRanges(0..<bytes.count), of: RecordSource(bytes))
    }

    /// Writes as many bytes of `parts` of `block` as the kernel takes. Nothing may be pending.
    func write(_ parts: PartRanges, of block: SharedBytes) -> RecordSocket.Progress {
        withExtendedLifetime(block) { write(parts, of: block.recordSource) }
    }

    /// Writes as many bytes of `parts` of `source` as the kernel takes, in full records: a small range shares a record
    /// with its neighbour. Nothing may be pending.
    func write(_ parts: PartRanges, of source: RecordSource) -> RecordSocket.Progress {
        let count = parts.byteCount
        var progress = RecordSocket.Progress()
        var cursor = PartCursor(parts)
        if socket.isKeyAlmostWornOut { changeKeys() }
        // A ticket that is not sent yet, and new keys that the peer has asked for, come first.
        if isSealing, isOpen, unsafe SSL_get_key_update_type(connection) == SSL_KEY_UPDATE_NONE {
            progress = socket.send(count, from: cursor, of: source)
            // OpenSSL must know of a cut record, or it would put one of its own into the middle of it. So it is asked
            // to write the rest.
            guard progress.stuck > 0 else { return progress }
            progress.stuck = 0
            cursor.advance(progress.sent)
        }
        ERR_clear_error()
        while progress.sent < count {
            let size = min(RecordRoom.maxRecordBytes, count - progress.sent)
            socket.hasMore = progress.sent + size < count
            let isWritten = writeRecord(size, from: cursor, of: source)
            socket.hasMore = false
            guard isWritten else {
                progress.stuck = size
                return progress
            }
            progress.sent += size
            cursor.advance(size)
        }
        return progress
    }

    /// Asks OpenSSL to continue with new keys (RFC 8446 section 4.6.3); it tells the peer with the next bytes. TLS 1.2
    /// has no such message: there the connection ends with its key.
    private func changeKeys() {
        guard unsafe SSL_version(connection) == TLS1_3_VERSION,
            unsafe SSL_get_key_update_type(connection) == SSL_KEY_UPDATE_NONE
        else { return }
        ERR_clear_error()
        _ = unsafe SSL_key_update(connection, SSL_KEY_UPDATE_NOT_REQUESTED)
    }

    /// Tells the socket whether the key that OpenSSL keeps has a limit of records. Called once both sides have their
    /// keys.
    func handshakeDone() {
        let cipher = unsafe SSL_get_current_cipher(connection)
        // RFC 8446 section 5.5: the numbers of records run out before a ChaCha20 key does.
        socket.isKeyUnlimited = unsafe SSL_CIPHER_get_cipher_nid(cipher) == NID_chacha20_poly1305
    }

    /// Tells the socket that OpenSSL continues with new keys.
    func keysChanged() { socket.keysChanged() }

    /// The result of `writeWhole`.
    enum Written {
        case done
        /// The socket takes nothing now; the same bytes must be written next.
        case blocked
        /// The connection cannot continue.
        case failed
    }

    /// Writes all of `bytes`, or must be called again with the same bytes.
    func writeWhole(_ bytes: UnsafeRawBufferPointer) -> Written {
        ERR_clear_error()
        let result = unsafe SSL_write(connection, bytes.baseAddress, Int32(clamping: bytes.count))
        if result > 0 { return .done }
        return unsafe SSL_get_error(connection, result) == SSL_ERROR_WANT_WRITE ? .blocked : .failed
    }

    private func writeRecord(_ size: Int, from cursor: PartCursor, of source: RecordSource) -> Bool {
        if let range = cursor.current, range.count >= size {
            let bytes = unsafe source.bytes(range.lowerBound..<range.lowerBound + size)
            return unsafe SSL_write(connection, bytes.baseAddress, Int32(size)) > 0
        }
        return unsafe withUnsafeTemporaryAllocation(byteCount: size, alignment: 1) { record in
            unsafe cursor.copy(size, of: source, to: record)
            return unsafe SSL_write(connection, record.baseAddress, Int32(size)) > 0
        }
    }

    /// Moves bytes that OpenSSL has decrypted and libevent has not fetched to `input`; false if there are none.
    ///
    /// libevent stops fetching at its high-water mark, and continues when the socket has more. If the last record of a
    /// request was fetched in part, that never happens.
    func fetchDecrypted(into input: InputBuffer) -> Bool {
        let count = unsafe Int(SSL_pending(connection))
        guard count > 0 else { return false }
        return unsafe withUnsafeTemporaryAllocation(byteCount: count, alignment: 1) { room in
            ERR_clear_error()
            let read = unsafe SSL_read(connection, room.baseAddress, Int32(count))
            guard read > 0 else { return false }
            // Not frozen, unlike a plain bufferevent's input.
            return unsafe evbuffer_add(input.buffer, room.baseAddress, Int(read)) == 0
        }
    }

    /// Gives the client a ticket for its next connection (RFC 8446 section 4.6.1), at its first answer. Not before: a
    /// camera that only sends reads no ticket, and a system that closes a connection with unread bytes discards what
    /// was still to be sent, here a last frame.
    func offerTicket() {
        guard !hasOfferedTicket, isOpen, unsafe SSL_version(connection) == TLS1_3_VERSION else { return }
        hasOfferedTicket = true
        ERR_clear_error()
        if unsafe SSL_new_session_ticket(connection) == 1 { _ = unsafe SSL_do_handshake(connection) }
        ERR_clear_error()
    }

    /// Tells the peer that nothing follows (close_notify, RFC 8446 section 6.1), so that it can tell the end from a
    /// cut.
    func sayGoodbye() {
        guard isOpen else { return }
        ERR_clear_error()
        _ = unsafe SSL_shutdown(connection)
        ERR_clear_error()
    }
}
