// SPDX-License-Identifier: MIT
internal import CLibEvent
import Glibc

// The gate's C callbacks. The argument of a connection's callbacks is always its key (its evhttp_connection's address),
// never a Swift object: evhttp's deferred read calls whatever read callback is set with the evhttp_connection, whatever argument that
// callback was registered with.

/// One pointer per thread: the gate of its loop.
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

func gateMakeBuffer(_: OpaquePointer?, context: UnsafeMutableRawPointer?) -> OpaquePointer? {
    guard let context = unsafe context else { return nil }
    return unsafe CallbackContext.object(context, as: Gate.self).makeBuffer(isEncrypted: false)
}

func gateMakeEncryptedBuffer(_: OpaquePointer?, context: UnsafeMutableRawPointer?) -> OpaquePointer? {
    guard let context = unsafe context else { return nil }
    return unsafe CallbackContext.object(context, as: Gate.self).makeBuffer(isEncrypted: true)
}

func gateAdopt(_: Int32, _: Int16, context: UnsafeMutableRawPointer?) {
    guard let context = unsafe context else { return }
    unsafe CallbackContext.object(context, as: Gate.self).adoptArrived()
}

func gateRearm(_: Int32, _: Int16, context: UnsafeMutableRawPointer?) {
    guard let context = unsafe context else { return }
    unsafe CallbackContext.object(context, as: Gate.self).rearmAnswered()
}

func gateAcceptFailed(_: OpaquePointer?, _: UnsafeMutableRawPointer?) {
    Gate.current?.acceptFailed()
}

func gateRequestComplete(request: OpaquePointer?, _: UnsafeMutableRawPointer?) {
    guard let request = unsafe request else { return }
    let connection = unsafe gateConnection(evhttp_request_get_connection(request))
    guard let connection else {
        unsafe evhttp_send_error(request, 500, nil)
        return
    }
    unsafe connection.requestComplete(request)
}

/// The answer is out; evhttp reads the next head itself unless the gate takes its place again.
func gateAnswerComplete(request: OpaquePointer?, _: UnsafeMutableRawPointer?) {
    guard let request = unsafe request,
        let connection = unsafe gateConnection(evhttp_request_get_connection(request))
    else { return }
    connection.reportAnswer()
    connection.gate.rearmLater(connection)
}

func gateRead(_: OpaquePointer?, evhttpConnection: UnsafeMutableRawPointer?) {
    unsafe gateConnection(OpaquePointer(evhttpConnection))?.readable()
}

func gateWritten(_: OpaquePointer?, evhttpConnection: UnsafeMutableRawPointer?) {
    unsafe gateConnection(OpaquePointer(evhttpConnection))?.drained()
}

func gateEvent(_: OpaquePointer?, what: Int16, evhttpConnection: UnsafeMutableRawPointer?) {
    unsafe gateConnection(OpaquePointer(evhttpConnection))?.ended(by: what)
}

func gateClosed(_ evhttpConnection: OpaquePointer?, _: UnsafeMutableRawPointer?) {
    unsafe gateConnection(evhttpConnection)?.didClose()
}

private func gateConnection(_ evhttpConnection: OpaquePointer?) -> GateConnection? {
    guard let evhttpConnection = unsafe evhttpConnection else { return nil }
    return Gate.current?.connections[UInt(bitPattern: evhttpConnection)]
}
