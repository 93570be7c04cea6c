// SPDX-License-Identifier: MIT
internal import COpenSSL
import Glibc
public import WireFormat

/// The sending side of one TLS connection, below OpenSSL: a socket that encrypts.
///
/// OpenSSL hands a connection's keys to the BIO that sends for it, if the BIO says that it encrypts by itself. This is
/// meant for the kernel (kTLS), which few kernels are built with; here the process does it. So a frame goes from its
/// block through the cipher into the kernel: in one send, without OpenSSL's copy of it, and without OpenSSL's state of
/// each viewer, which is in no cache by the next frame. Handshakes, alerts and tickets stay OpenSSL's.
///
/// If OpenSSL keeps its keys (TLS 1.2, ChaCha20, a build without kTLS) this is a plain socket.
///
/// Confined to one event loop. Does not own the descriptor: libevent asks for its number and closes it.
@safe
public final class RecordSocket {
    /// The result of a write.
    public struct Progress {
        /// The number of bytes whose records are with the kernel.
        public var sent = 0
        /// The number of bytes after those whose record the kernel has taken in part: they must be written next,
        /// unchanged.
        public var stuck = 0

        /// Creates the result of a write that the kernel has taken `sent` bytes of.
        public init(sent: Int = 0) { self.sent = sent }
    }

    let descriptor: Int32
    /// True if more bytes follow those that OpenSSL writes now.
    public var hasMore = false
    /// The type of OpenSSL's next record; nil for application data.
    var controlType: UInt8?

    /// True if OpenSSL may make any number of records with the keys that it keeps.
    public var isKeyUnlimited = false
    /// The number of records that OpenSSL has made with its current key.
    private var recordsOfOpenSSL: UInt64 = 0

    /// The room in which records are made; nil if OpenSSL keeps its keys.
    private let room: RecordRoom?
    private var keys: RecordKeys?
    /// The bytes of the stuck record that the kernel has not taken yet.
    private var stuckRecord: [UInt8] = []
    private var stuckBytes = 0
    private var stuckType: UInt8?
    private var isStuckKeyUpdate = false

    private static let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
    private static let applicationData: UInt8 = 23
    private static let handshake: UInt8 = 22
    private static let keyUpdate: UInt8 = 24
    private static let fullRecordBytes = RecordRoom.maxRecordBytes + RecordRoom.overhead

    /// - Parameter room: the room in which records are made; nil leaves them to OpenSSL.
    public init(_ descriptor: Int32, _ room: RecordRoom? = nil) {
        self.descriptor = descriptor
        self.room = room
    }

    /// True while records are made here: from the handshake's end to the first new keys.
    public var isSealing: Bool { keys != nil }

    /// True when it is time to ask for new keys. The remaining records, a sixteenth, are enough for what may be
    /// pending.
    public var isKeyAlmostWornOut: Bool {
        guard let room, !(keys == nil && isKeyUnlimited) else { return false }
        return (keys?.sequence ?? recordsOfOpenSSL) > room.maxRecordsPerKey - room.maxRecordsPerKey / 16
    }

    /// Restarts the count of records, as OpenSSL continues with new keys.
    public func keysChanged() { recordsOfOpenSSL = 0 }

    /// Takes over the encryption from OpenSSL; false if OpenSSL must continue itself.
    /// - Parameter info: a structure of linux/tls.h.
    func takeOver(_ info: UnsafeRawPointer) -> Bool {
        guard room != nil, let keys = unsafe RecordKeys(info) else { return false }
        self.keys = keys
        return true
    }

    /// Sends `count` bytes from `start` on as application data, as many as the kernel takes. No record may be stuck.
    public func send(_ count: Int, from start: PartCursor, of source: RecordSource) -> Progress {
        var progress = Progress()
        guard let keys, let room, stuckBytes == 0, let cipher = room.cipher(for: keys) else { return progress }
        var cursor = start
        while progress.sent < count {
            let first = keys.sequence
            var plain = 0
            var filled = 0
            while progress.sent + plain < count, filled < room.usableBytes {
                let piece = min(RecordRoom.maxRecordBytes, count - progress.sent - plain)
                let size = room.seal(
                    piece, from: cursor, of: source, type: Self.applicationData, keys, cipher, at: filled)
                // OpenSSL fails on the rest in the same way, and the connection ends.
                guard let size else { return progress }
                plain += piece
                filled += size
                cursor.advance(piece)
            }
            let taken = send(0..<filled, of: room, hasMore: progress.sent + plain < count)
            guard taken < filled else {
                progress.sent += plain
                continue
            }
            // All records except the last one are full.
            let whole = taken / Self.fullRecordBytes
            progress.sent += whole * RecordRoom.maxRecordBytes
            // The peer has not seen the records after the one that was cut: their numbers are free again.
            keys.sequence = first + UInt64(whole)
            let isCut = taken % Self.fullRecordBytes > 0
            guard isCut else { return progress }
            progress.stuck = min(RecordRoom.maxRecordBytes, count - progress.sent)
            let end = whole * Self.fullRecordBytes + progress.stuck + RecordRoom.overhead
            keep(taken..<end, of: room, madeOf: progress.stuck)
            return progress
        }
        return progress
    }

    /// Sends bytes that OpenSSL writes.
    /// - Returns: the number of bytes that are done; nil if OpenSSL shall try again with the same bytes; -1 if the
    ///   connection cannot continue.
    func write(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard let keys, let room else {
            return unsafe sendForOpenSSL(bytes)
        }
        if stuckBytes > 0 { return finishStuck(bytes.count) }
        guard let cipher = room.cipher(for: keys) else { return -1 }
        let count = min(bytes.count, RecordRoom.maxRecordBytes)
        let size = unsafe room.seal(
            count, from: PartCursor(PartRanges(0..<count)), of: RecordSource(bytes),
            type: controlType ?? Self.applicationData,
            keys, cipher, at: 0)
        guard let size else { return -1 }
        let taken = send(0..<size, of: room, hasMore: hasMore)
        if taken == size {
            finishRecord(isKeyUpdate: unsafe isKeyUpdate(bytes))
            return count
        }
        keys.sequence -= 1
        guard taken > 0 || errno == EAGAIN || errno == EINTR else { return -1 }
        // Kept even if the kernel has taken nothing of it: OpenSSL remembers the address of the bytes and not the
        // bytes, and at the next try other bytes may be there.
        keep(taken..<size, of: room, madeOf: count)
        isStuckKeyUpdate = unsafe isKeyUpdate(bytes)
        return nil
    }

    /// Sends records that OpenSSL has made. The results are those of `write`.
    private func sendForOpenSSL(_ bytes: UnsafeRawBufferPointer) -> Int? {
        if let room, !isKeyUnlimited, recordsOfOpenSSL >= room.maxRecordsPerKey { return -1 }
        let sent = unsafe Glibc.send(
            descriptor, bytes.baseAddress, bytes.count, Self.flags | (hasMore ? Int32(MSG_MORE) : 0))
        guard sent >= 0 else { return errno == EAGAIN || errno == EINTR ? nil : -1 }
        // OpenSSL writes record by record; one that the kernel takes in two pieces counts twice, which does no harm.
        recordsOfOpenSSL += 1
        return sent
    }

    /// Returns true if `bytes` announce new keys, as the last record under the old ones does (RFC 8446 section 4.6.3).
    /// OpenSSL makes the next keys and does not hand them over, so it encrypts by itself from there.
    private func isKeyUpdate(_ bytes: UnsafeRawBufferPointer) -> Bool {
        unsafe controlType == Self.handshake && bytes.first == Self.keyUpdate
    }

    private func finishRecord(isKeyUpdate: Bool) {
        controlType = nil
        if isKeyUpdate { keys = nil }
    }

    /// Sends the rest of a cut record. The bytes that OpenSSL writes now must begin with those that the record was made
    /// of.
    private func finishStuck(_ count: Int) -> Int? {
        // An alert cannot be sent within a record: the connection ends, and tells the peer that way.
        guard count >= stuckBytes, controlType == stuckType else {
            controlType = nil
            return -1
        }
        let sent = unsafe stuckRecord.withUnsafeBytes { rest in
            unsafe Glibc.send(descriptor, rest.baseAddress, rest.count, Self.flags)
        }
        guard sent >= 0 else { return errno == EAGAIN || errno == EINTR ? nil : -1 }
        stuckRecord.removeFirst(sent)
        guard stuckRecord.isEmpty else { return nil }
        defer { stuckBytes = 0 }
        stuckRecord = []
        finishRecord(isKeyUpdate: isStuckKeyUpdate)
        isStuckKeyUpdate = false
        return stuckBytes
    }

    private func keep(_ range: Range<Int>, of room: RecordRoom, madeOf plainBytes: Int) {
        unsafe stuckRecord = Array(room.memory[range])
        stuckBytes = plainBytes
        stuckType = controlType
        keys?.sequence += 1
    }

    /// Sends a range of the room's memory. Returns the number of bytes that the kernel has taken; 0 on any error, with
    /// the reason in `errno`.
    private func send(_ range: Range<Int>, of room: RecordRoom, hasMore: Bool) -> Int {
        let bytes = unsafe UnsafeRawBufferPointer(rebasing: room.memory[range])
        let flags = Self.flags | (hasMore ? Int32(MSG_MORE) : 0)
        return unsafe max(0, Glibc.send(descriptor, bytes.baseAddress, bytes.count, flags))
    }
}
