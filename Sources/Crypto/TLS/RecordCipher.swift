// SPDX-License-Identifier: MIT
internal import COpenSSL

/// A cipher of OpenSSL that encrypts one record after another: AES-GCM as RFC 8446 section 5.2 requires.
///
/// Confined to one event loop. Its context belongs to the `RecordRoom`.
@safe
struct RecordCipher {
    private let context: OpaquePointer

    init(context: OpaquePointer) { unsafe self.context = context }

    /// Begins a record. Its header is authenticated, too, but not encrypted.
    func begin(nonce: RecordKeys.Nonce, header: Slice<UnsafeMutableRawBufferPointer>) -> Bool {
        let isSet = unsafe withUnsafeBytes(of: nonce) { bytes in
            unsafe EVP_EncryptInit_ex2(
                context, nil, nil, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), nil) == 1
        }
        var count: Int32 = 0
        let bytes = unsafe UnsafeRawBufferPointer(rebasing: header)
        return unsafe isSet && EVP_EncryptUpdate(context, nil, &count, bytes.bytePointer, Int32(bytes.count)) == 1
    }

    /// Encrypts `bytes` to position `offset` of `record`, which has room for them.
    func encrypt(_ bytes: UnsafeRawBufferPointer, to record: UnsafeMutableRawBufferPointer, at offset: Int) -> Bool {
        var count: Int32 = 0
        return unsafe EVP_EncryptUpdate(
            context, record.bytePointer(at: offset), &count, bytes.bytePointer, Int32(bytes.count)) == 1
            && Int(count) == bytes.count
    }

    /// Encrypts one byte.
    func encrypt(_ byte: UInt8, to record: UnsafeMutableRawBufferPointer, at offset: Int) -> Bool {
        var byte = byte
        return unsafe withUnsafeBytes(of: &byte) { unsafe encrypt($0, to: record, at: offset) }
    }

    /// Ends a record with its tag.
    func end(to record: UnsafeMutableRawBufferPointer, at offset: Int) -> Bool {
        var count: Int32 = 0
        guard unsafe EVP_EncryptFinal_ex(context, record.bytePointer(at: offset), &count) == 1 else { return false }
        return unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, record.bytePointer(at: offset)) == 1
    }
}

extension UnsafeRawBufferPointer {
    fileprivate var bytePointer: UnsafePointer<UInt8>? { unsafe baseAddress?.assumingMemoryBound(to: UInt8.self) }
}

extension UnsafeMutableRawBufferPointer {
    fileprivate func bytePointer(at offset: Int) -> UnsafeMutablePointer<UInt8>? {
        unsafe baseAddress.map { unsafe ($0 + offset).assumingMemoryBound(to: UInt8.self) }
    }
}
