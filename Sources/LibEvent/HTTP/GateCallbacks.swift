// SPDX-License-Identifier: MIT
internal import COpenSSL
import Glibc
import System

// The gate's C callbacks. The argument of a connection's callbacks is its key, never a Swift object: a callback that
// libevent has deferred finds no connection if it has ended in the meantime.

/// One pointer per thread: the gate of the thread's loop.
@safe
enum ThreadSlot {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        unsafe pthread_key_create(&key, nil)
        return key
    }()

    static var value: UnsafeMutableRawPointer? {
        get { unsafe pthread_getspecific(key) }
        set { unsafe pthread_setspecific(key, newValue) }
    }
}

func gateAccepted(
    listener: OpaquePointer?, descriptor: Int32, address: UnsafeMutablePointer<sockaddr>?, byteCount: Int32,
    _: UnsafeMutableRawPointer?
) {
    guard let gate = Gate.current, let isEncrypted = gate.listeners.isEncrypted(UInt(bitPattern: listener)),
        let address = unsafe address
    else {
        Glibc.close(descriptor)
        return
    }
    // The address is the one from accept: asked of the socket, that of a peer that has reset its connection is unknown.
    let peer = unsafe PeerAddress(SocketAddress(copying: address, byteCount: Int(byteCount)))
    gate.accepted(descriptor, from: peer, isEncrypted: isEncrypted)
}

func gateAcceptFailed(_: OpaquePointer?, _: UnsafeMutableRawPointer?) {
    Gate.current?.acceptFailed()
}

func gateFinishEnded(_: Int32, _: Int16, context: UnsafeMutableRawPointer?) {
    guard let context = unsafe context else { return }
    unsafe CallbackContext.object(context, as: Gate.self).finishEnded()
}

func gateRead(_: OpaquePointer?, key: UnsafeMutableRawPointer?) {
    unsafe gateConnection(key)?.readable()
}

func gateWritten(_: OpaquePointer?, key: UnsafeMutableRawPointer?) {
    unsafe gateConnection(key)?.drained()
}

func gateEvent(_: OpaquePointer?, what: Int16, key: UnsafeMutableRawPointer?) {
    unsafe gateConnection(key)?.ended(by: what)
}

/// Called when a socket that the gate itself writes to accepts bytes again, or has accepted none within its timeout.
func gateWritable(_: Int32, what: Int16, key: UnsafeMutableRawPointer?) {
    unsafe gateConnection(key)?.writable(what)
}

/// Called for each message of the TLS protocol itself, received or sent; passes on changes of keys.
func gatePeerMessage(
    isSent: Int32, _: Int32, kind: Int32, bytes: UnsafeRawPointer?, count: Int, _: OpaquePointer?,
    key: UnsafeMutableRawPointer?
) {
    guard kind == SSL3_RT_HANDSHAKE, count > 0, let bytes = unsafe bytes,
        unsafe Int32(bytes.load(as: UInt8.self)) == SSL3_MT_KEY_UPDATE
    else { return }
    unsafe gateConnection(key)?.keysChanged(byPeer: isSent == 0)
}

private func gateConnection(_ key: UnsafeMutableRawPointer?) -> GateConnection? {
    Gate.current?.connections[UInt(bitPattern: key)]
}
