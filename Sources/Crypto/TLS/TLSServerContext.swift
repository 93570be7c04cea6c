// SPDX-License-Identifier: MIT
internal import COpenSSL
import Glibc
import System

/// The pairs and rules for a server's new TLS connections. A connection's pair is chosen by the name that its client
/// asks for.
///
/// Sendable: made once, then only read; OpenSSL counts references to its parts atomically. Connections keep the context
/// that they began with, so another one may take its place at any time.
@safe
public final class TLSServerContext: @unchecked Sendable {
    /// The pairs. The first is for clients that ask for no name, or for an unknown one.
    public let pairs: [TLSPair]
    /// One OpenSSL context for each pair.
    private let contexts: [Context]

    /// A C object in a Swift collection.
    @safe
    private struct Context {
        let pointer: OpaquePointer
    }

    /// The ciphers of TLS 1.2: ECDHE for forward secrecy, and authenticated encryption only. AES with 128 bits comes
    /// first: it is as safe as far as is known, and takes a third less time (docs/benchmarks.md).
    private static let ciphers12 =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
        + "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
    private static let ciphers13 = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
    private static let groups = "X25519:P-256:P-384"
    private static let sessionContext = Array("evrelay".utf8)
    /// The length in bytes of OpenSSL's ticket keys: name, HMAC key and AES key.
    private static let ticketKeyBytes = 80

    /// - Parameters:
    ///   - pairs: at least one.
    ///   - tickets: a context whose clients shall be able to resume their sessions here; nil makes new keys for
    ///     tickets.
    /// - Throws: an error that names the pair that OpenSSL does not accept.
    public init(_ pairs: [TLSPair], continuing tickets: TLSServerContext? = nil) throws(TLSPairError) {
        self.pairs = pairs
        var made: [Context] = []
        for (index, pair) in pairs.enumerated() {
            do throws(TLSError) {
                unsafe made.append(Context(pointer: try Self.makeContext(pair)))
            } catch {
                for context in made { unsafe SSL_CTX_free(context.pointer) }
                throw TLSPairError(index: index, error: error)
            }
        }
        contexts = made
        // The first one begins every handshake. It cannot outlive `self`: each connection retains its context's owner.
        if let first = contexts.first {
            unsafe evrelay_set_server_name_callback(first.pointer, chooseByName, CallbackContext.pointer(to: self))
            if let old = tickets?.contexts.first { unsafe Self.copyTicketKeys(from: old.pointer, to: first.pointer) }
        }
    }

    deinit {
        for context in contexts { unsafe SSL_CTX_free(context.pointer) }
    }

    /// Returns a connection that waits for its client's first message; nil if memory runs out.
    public func makeConnection() -> OpaquePointer? {
        guard let first = contexts.first else { return nil }
        return unsafe SSL_new(first.pointer)
    }

    /// Gives `connection` the pair for the name that its client asks for.
    func choosePair(for connection: OpaquePointer) {
        guard let name = unsafe SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name),
            let index = pairs.firstIndex(where: { unsafe $0.isFor(name) }), index > 0
        else { return }
        _ = unsafe SSL_set_SSL_CTX(connection, contexts[index].pointer)
    }

    private static func makeContext(_ pair: TLSPair) throws(TLSError) -> OpaquePointer {
        ERR_clear_error()
        guard let context = unsafe SSL_CTX_new(TLS_server_method()) else { throw .openSSL(.certificate, "no memory") }
        do throws(TLSError) {
            unsafe try configure(context, pair)
        } catch {
            unsafe SSL_CTX_free(context)
            throw error
        }
        return unsafe context
    }

    private static func configure(_ context: OpaquePointer, _ pair: TLSPair) throws(TLSError) {
        guard unsafe SSL_CTX_use_certificate(context, pair.certificate) == 1 else {
            throw .openSSL(.certificate, "it is not accepted")
        }
        guard unsafe SSL_CTX_use_PrivateKey(context, pair.key) == 1 else { throw .openSSL(.key, "it is not accepted") }
        // OpenSSL's functions that are macros are written out: Swift does not see them.
        for entry in pair.chain {
            let pointer = unsafe UnsafeMutableRawPointer(entry.pointer)
            guard unsafe SSL_CTX_ctrl(context, SSL_CTRL_CHAIN_CERT, 1, pointer) == 1 else {
                throw .openSSL(.certificate, "its chain is not accepted")
            }
        }
        let isSet =
            unsafe SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION), nil) == 1
            && SSL_CTX_set_cipher_list(context, ciphers12) == 1
            && SSL_CTX_set_ciphersuites(context, ciphers13) == 1
            && setGroups(context)
            && SSL_CTX_set_session_id_context(context, sessionContext, UInt32(sessionContext.count)) == 1
        guard isSet else { throw .openSSL(.certificate, "OpenSSL lacks a cipher") }
        _ = unsafe SSL_CTX_set_options(context, evrelay_server_options() | evrelay_own_records_option())
        // Buffers of 17 KiB in each direction exist only while they hold something.
        _ = unsafe SSL_CTX_ctrl(
            context, SSL_CTRL_MODE, Int(SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER), nil)
        // Switched off (it is on by default): one call would read any number of records without data, such as key
        // updates, while the loop's other connections wait.
        _ = unsafe SSL_CTX_ctrl(context, SSL_CTRL_CLEAR_MODE, Int(SSL_MODE_AUTO_RETRY), nil)
        // No tickets with the handshake: `TLSLink.offerTicket`.
        _ = unsafe SSL_CTX_set_num_tickets(context, 0)
        // Sessions live in the clients' tickets: nothing has to be kept, looked up or locked here.
        _ = unsafe SSL_CTX_ctrl(context, SSL_CTRL_SET_SESS_CACHE_MODE, Int(SSL_SESS_CACHE_OFF), nil)
        unsafe SSL_CTX_set_alpn_select_cb(context, chooseProtocol, nil)
    }

    private static func setGroups(_ context: OpaquePointer) -> Bool {
        var list = Array(groups.utf8CString)
        return unsafe list.withUnsafeMutableBytes { bytes in
            unsafe SSL_CTX_ctrl(context, SSL_CTRL_SET_GROUPS_LIST, 0, bytes.baseAddress) == 1
        }
    }

    private static func copyTicketKeys(from old: OpaquePointer, to new: OpaquePointer) {
        var keys = [UInt8](repeating: 0, count: ticketKeyBytes)
        let count = ticketKeyBytes
        unsafe keys.withUnsafeMutableBytes { bytes in
            guard unsafe SSL_CTX_ctrl(old, SSL_CTRL_GET_TLSEXT_TICKET_KEYS, count, bytes.baseAddress) == 1 else {
                return
            }
            _ = unsafe SSL_CTX_ctrl(new, SSL_CTRL_SET_TLSEXT_TICKET_KEYS, count, bytes.baseAddress)
            unsafe OPENSSL_cleanse(bytes.baseAddress, bytes.count)
        }
    }
}

/// A pair that cannot be used.
public struct TLSPairError: Error, Equatable, Sendable {
    /// Its index among the pairs, from 0.
    public let index: Int
    /// Its fault.
    public let error: TLSError
}

/// Chooses the pair by the server name (RFC 6066 section 3). An unknown name is no error: the first pair may still be
/// right, as for an address.
private func chooseByName(
    connection: OpaquePointer?, _: UnsafeMutablePointer<Int32>?, owner: UnsafeMutableRawPointer?
) -> Int32 {
    if let connection = unsafe connection, let owner = unsafe owner {
        unsafe CallbackContext.object(owner, as: TLSServerContext.self).choosePair(for: connection)
    }
    return SSL_TLSEXT_ERR_OK
}

/// Chooses the application protocol (RFC 7301): http/1.1 is the only one. A client that offers only others gets the
/// alert that says so.
private func chooseProtocol(
    _: OpaquePointer?, chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?, chosenCount: UnsafeMutablePointer<UInt8>?,
    offered: UnsafePointer<UInt8>?, offeredCount: UInt32, _: UnsafeMutableRawPointer?
) -> Int32 {
    let wanted = StaticString("http/1.1")
    let offers = unsafe UnsafeBufferPointer(start: offered, count: Int(offeredCount))
    var index = 0
    // Each name follows a byte with its length; OpenSSL has checked that they fit.
    while index < offers.count {
        let count = unsafe Int(offers[index])
        let end = index + 1 + count
        guard end <= offers.count else { break }
        let name = unsafe UnsafeBufferPointer(rebasing: offers[(index + 1)..<end])
        if unsafe name.elementsEqual(UnsafeBufferPointer(start: wanted.utf8Start, count: wanted.utf8CodeUnitCount)) {
            // Safe: the name lies in the client's message, which outlives the callback.
            unsafe chosen?.pointee = name.baseAddress
            unsafe chosenCount?.pointee = UInt8(count)
            return SSL_TLSEXT_ERR_OK
        }
        index = end
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL
}
