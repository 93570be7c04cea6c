// SPDX-License-Identifier: MIT
internal import COpenSSL
import Glibc

/// A BIO for writing, by which OpenSSL uses a `RecordSocket`.
public enum SocketBIO {
    private static let method: Method? = makeMethod()

    /// A C object that lives as long as the process, and is only read.
    @safe
    private struct Method: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    /// The commands that OpenSSL gives to a BIO that encrypts by itself (`BIO_CTRL_SET_KTLS` and its companions). bio.h
    /// calls the numbers internal to OpenSSL: a version that changes them does not give these, and then encrypts
    /// itself.
    private enum Command {
        static let setKeys: Int32 = 72
        static let isSealing: Int32 = 73
        static let setControlType: Int32 = 74
        static let clearControlType: Int32 = 75
    }

    /// Returns a BIO that keeps `socket` alive; nil if memory runs out.
    public static func make(_ socket: RecordSocket) -> OpaquePointer? {
        guard let method, let bio = unsafe BIO_new(method.pointer) else { return nil }
        unsafe BIO_set_data(bio, Unmanaged.passRetained(socket).toOpaque())
        unsafe BIO_set_init(bio, 1)
        return unsafe bio
    }

    private static func makeMethod() -> Method? {
        let type = BIO_get_new_index() | BIO_TYPE_SOURCE_SINK | BIO_TYPE_DESCRIPTOR
        guard let method = unsafe BIO_meth_new(type, "evrelay socket") else { return nil }
        _ = unsafe BIO_meth_set_write(method, write)
        _ = unsafe BIO_meth_set_ctrl(method, control)
        _ = unsafe BIO_meth_set_destroy(method, destroy)
        return unsafe Method(pointer: method)
    }

    private static func socket(of bio: OpaquePointer?) -> RecordSocket? {
        unsafe BIO_get_data(bio).map { unsafe Unmanaged<RecordSocket>.fromOpaque($0).takeUnretainedValue() }
    }

    private static let write: @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, Int32) -> Int32 = {
        bio, bytes, count in
        unsafe BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
        guard let socket = unsafe socket(of: bio) else { return -1 }
        guard let done = unsafe socket.write(UnsafeRawBufferPointer(start: bytes, count: max(0, Int(count)))) else {
            unsafe BIO_set_flags(bio, BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
            return -1
        }
        return Int32(clamping: done)
    }

    private static let control: @convention(c) (OpaquePointer?, Int32, Int, UnsafeMutableRawPointer?) -> Int = {
        bio, command, number, argument in
        guard let socket = unsafe socket(of: bio) else { return 0 }
        switch command {
        // Nothing is buffered here.
        case BIO_CTRL_FLUSH: return 1
        case BIO_C_GET_FD:
            if let argument = unsafe argument { unsafe argument.storeBytes(of: socket.descriptor, as: Int32.self) }
            return Int(socket.descriptor)
        case Command.setKeys:
            guard let argument = unsafe argument, number != 0 else { return 0 }
            return unsafe socket.takeOver(argument) ? 1 : 0
        case Command.isSealing: return socket.isSealing ? 1 : 0
        case Command.setControlType:
            socket.controlType = UInt8(truncatingIfNeeded: number)
            return 0
        case Command.clearControlType:
            socket.controlType = nil
            return 0
        default: return 0
        }
    }

    private static let destroy: @convention(c) (OpaquePointer?) -> Int32 = { bio in
        guard let content = unsafe BIO_get_data(bio) else { return 1 }
        unsafe BIO_set_data(bio, nil)
        unsafe Unmanaged<RecordSocket>.fromOpaque(content).release()
        return 1
    }
}
