// SPDX-License-Identifier: MIT
internal import COpenSSL
import Glibc

/// The keys with which one direction of a TLS 1.3 connection encrypts its records (RFC 8446 section 5).
///
/// Confined to one event loop. Overwritten when released: no copies of keys are left in memory.
@safe
public final class RecordKeys {
    /// The length of the key in bytes, 16 or 32.
    let keyBytes: Int
    /// The number of the next record.
    var sequence: UInt64
    private let key: UnsafeMutableRawPointer
    private let vector: (high: UInt32, low: UInt64)

    /// The most records per key. RFC 8446 section 5.5: an AES-GCM key protects 2^24.5 full records; 2^24 leaves a
    /// margin. At ten frames of 40 KB a second that is after six days.
    public static let maxRecords: UInt64 = 1 << 24

    /// - Parameter info: a structure of linux/tls.h.
    init?(_ info: UnsafeRawPointer) {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: 32, alignment: 16)
        var vector = [UInt8](repeating: 0, count: 12)
        var sequence = [UInt8](repeating: 0, count: 8)
        let count = unsafe evrelay_record_keys(info, memory, &vector, &sequence)
        guard count > 0 else {
            unsafe memory.deallocate()
            return nil
        }
        unsafe key = memory
        keyBytes = count
        self.vector = (
            vector.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }, vector.dropFirst(4).reduce(0) { $0 << 8 | UInt64($1) }
        )
        self.sequence = sequence.reduce(0) { $0 << 8 | UInt64($1) }
    }

    deinit {
        unsafe OPENSSL_cleanse(key, 32)
        unsafe key.deallocate()
    }

    /// The bytes of the key.
    var bytes: UnsafePointer<UInt8> { unsafe UnsafePointer(key.assumingMemoryBound(to: UInt8.self)) }

    /// Returns the nonce of a record (RFC 8446 section 5.3): the vector, with the record's number combined into its
    /// last eight bytes by exclusive or.
    func nonce(_ sequence: UInt64) -> Nonce {
        let low = vector.low ^ sequence
        return (
            vector.high.bigEndian, UInt32(truncatingIfNeeded: low >> 32).bigEndian,
            UInt32(truncatingIfNeeded: low).bigEndian
        )
    }

    /// Twelve bytes in memory order.
    typealias Nonce = (UInt32, UInt32, UInt32)
}
