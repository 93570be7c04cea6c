// SPDX-License-Identifier: MIT
internal import CLibEvent
internal import COpenSSL
import Glibc
import System

// The beginning of a connection's TLS, and its failure.
extension GateConnection {
    func handshakeDone() {
        tls?.handshakeDone()
        gate.handler?.shookHands(tls?.isResumed == true ? .resumed : .full)
        gate.handler?.encryptionBegan(by: tls?.isSealing == true ? .evrelay : .openssl)
    }

    /// Called when one side of the connection changes to new keys (RFC 8446 section 4.6.3). Ends the connection of a
    /// peer that does so too often.
    func keysChanged(byPeer: Bool) {
        guard byPeer else { tls?.keysChanged(); return }
        if tls?.peerKeyChanges.isOneTooMany(now: SystemClock.monotonic()) == true { endNextTurn(.abuse) }
    }

    func handshakeFailed() {
        let error = unsafe bufferevent_get_openssl_error(buffer)
        // 0: the peer has gone without an alert, as port scanners do.
        let reason = ERR_GET_REASON(error)
        let isPlain = reason == SSL_R_HTTP_REQUEST
        gate.handler?.shookHands(.failed)
        guard isPlain else {
            gate.handler?.connectionFailed(.handshakeFailed, peer: peer)
            return
        }
        gate.handler?.gateRefused(.plainOnTLS, peer: peer)
        answerPlain()
    }

    /// Answers a client that speaks HTTP on a TLS port, in plain HTTP so that it understands.
    private func answerPlain() {
        guard
            let response = gate.handler?.response(to: .plainOnTLS), case .bytes(let body) = response.body
        else { return }
        let bytes = response.serializedHead(minorVersion: 1, connection: "close", date: gate.date) + body
        let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
        _ = unsafe send(descriptor, bytes, bytes.count, flags)
        shutdown(descriptor, Int32(SHUT_WR))
        // Unread bytes would reset the connection, and the answer with it.
        var dropped = [UInt8](repeating: 0, count: gate.limits.maxHeaderBytes)
        _ = unsafe recv(descriptor, &dropped, dropped.count, Int32(MSG_DONTWAIT))
    }
}
