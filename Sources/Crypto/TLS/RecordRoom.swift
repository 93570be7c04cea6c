// SPDX-License-Identifier: MIT
internal import COpenSSL
import Glibc
public import System
import WireFormat

/// The ciphers and buffers with which the connections of one loop encrypt their records: a few, used in turn and hot in
/// the processor's cache, instead of some for each of a thousand viewers.
///
/// Confined to one event loop. Owns its ciphers and its memory.
@safe
public final class RecordRoom {
    /// The most plain bytes in one record (RFC 8446 section 5.1).
    public static let maxRecordBytes = 16384
    /// The bytes of a record's header, type and tag (RFC 8446 section 5.2).
    static let overhead = headerBytes + 1 + tagBytes
    /// The most records made before they are sent. More gain nothing: the kernel takes them one segment at a time.
    static let maxRecords = 8

    private static let headerBytes = 5
    private static let tagBytes = 16
    /// The type and version that every record states, whatever it holds: TLS 1.2's application data (RFC 8446 section
    /// 5.2).
    private static let outerHeader: [UInt8] = [23, 3, 3]

    private let cipher128: OpaquePointer
    private let cipher256: OpaquePointer
    /// Room for full records, in bytes.
    var usableBytes: Int { Self.maxRecords * (Self.maxRecordBytes + Self.overhead) }

    /// The memory for records ready to be sent.
    let memory: UnsafeMutableRawBufferPointer

    /// The most records that one key protects.
    let maxRecordsPerKey: UInt64

    /// - Throws: if memory runs out or this OpenSSL has no AES-GCM.
    public init(maxRecordsPerKey: UInt64 = RecordKeys.maxRecords) throws(SystemError) {
        self.maxRecordsPerKey = maxRecordsPerKey
        guard let cipher128 = unsafe Self.makeCipher("AES-128-GCM") else { throw SystemError("AES-128-GCM") }
        guard let cipher256 = unsafe Self.makeCipher("AES-256-GCM") else {
            unsafe EVP_CIPHER_CTX_free(cipher128)
            throw SystemError("AES-256-GCM")
        }
        unsafe (self.cipher128, self.cipher256) = (cipher128, cipher256)
        unsafe memory = .allocate(
            byteCount: Self.maxRecords * (Self.maxRecordBytes + Self.overhead), alignment: 64)
    }

    deinit {
        unsafe EVP_CIPHER_CTX_free(cipher128)
        unsafe EVP_CIPHER_CTX_free(cipher256)
        unsafe memory.deallocate()
    }

    private static func makeCipher(_ name: String) -> OpaquePointer? {
        ERR_clear_error()
        guard let cipher = unsafe EVP_CIPHER_fetch(nil, name, nil) else { return nil }
        // The context holds a reference of its own.
        defer { unsafe EVP_CIPHER_free(cipher) }
        guard let context = unsafe EVP_CIPHER_CTX_new() else { return nil }
        guard unsafe EVP_EncryptInit_ex2(context, cipher, nil, nil, nil) == 1 else {
            unsafe EVP_CIPHER_CTX_free(context)
            return nil
        }
        return unsafe context
    }

    /// Returns a cipher set to `keys`, which is valid until the next one is asked for; nil if OpenSSL fails.
    func cipher(for keys: RecordKeys) -> RecordCipher? {
        let context = unsafe keys.keyBytes == 16 ? cipher128 : cipher256
        guard unsafe EVP_EncryptInit_ex2(context, nil, keys.bytes, nil, nil) == 1 else { return nil }
        return unsafe RecordCipher(context: context)
    }

    /// Seals the next `count` bytes from `cursor` into a record at `offset` of the memory.
    /// - Returns: the size of the record; nil if it does not fit, the cipher fails, or the key has reached its limit.
    func seal(
        _ count: Int, from cursor: PartCursor, of source: RecordSource, type: UInt8, _ keys: RecordKeys,
        _ cipher: RecordCipher, at offset: Int
    ) -> Int? {
        guard keys.sequence < maxRecordsPerKey, count <= Self.maxRecordBytes,
            unsafe offset + count + Self.overhead <= memory.count
        else { return nil }
        let record = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[offset..<offset + count + Self.overhead])
        unsafe record.copyBytes(from: Self.outerHeader)
        let length = UInt16(count + 1 + Self.tagBytes)
        unsafe record.storeBytes(of: length.bigEndian, toByteOffset: 3, as: UInt16.self)
        guard unsafe cipher.begin(nonce: keys.nonce(keys.sequence), header: record.prefix(Self.headerBytes)) else {
            return nil
        }
        var at = Self.headerBytes
        var cursor = cursor
        var left = count
        while left > 0, let range = cursor.current {
            let piece = min(left, range.count)
            let bytes = unsafe source.bytes(range.lowerBound..<range.lowerBound + piece)
            guard unsafe cipher.encrypt(bytes, to: record, at: at) else { return nil }
            at += piece
            left -= piece
            cursor.advance(piece)
        }
        guard left == 0, unsafe cipher.encrypt(type, to: record, at: at), unsafe cipher.end(to: record, at: at + 1)
        else { return nil }
        keys.sequence += 1
        return count + Self.overhead
    }
}
