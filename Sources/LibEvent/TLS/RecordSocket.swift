// SPDX-License-Identifier: MIT
internal import CLibEvent
import Glibc
import WireFormat

/// The sending side of one TLS connection, below OpenSSL: a socket that encrypts.
///
/// OpenSSL gives a connection's keys away to whoever sends for it, if that says that it encrypts by itself; this is
/// meant for the kernel (kTLS), which few kernels are built with. Here it is done by the process. So a picture goes from its
/// block through the cipher into the kernel: in one send, without OpenSSL's copy of it, and without OpenSSL's state of
/// each viewer, which is in no cache by the next picture. Handshakes, alerts and tickets stay OpenSSL's.
///
/// Where OpenSSL does not give its keys away (TLS 1.2, ChaCha20, a build without kTLS) this is just a socket.
///
/// Confined to one event loop. Does not own the descriptor: libevent asks for its number and closes it.
@safe
final class RecordSocket {
    /// How far a write came.
    struct Progress {
        /// Bytes whose records are with the kernel.
        var sent = 0
        /// The next bytes, of whose record the kernel has a part: they must be written next, unchanged.
        var stuck = 0
    }

    let descriptor: Int32
    /// Whether what OpenSSL writes is followed by more; for connections whose keys it keeps.
    var hasMore = false
    /// What the next record of OpenSSL's is, if not application data.
    var controlType: UInt8?

    /// Whether OpenSSL may make any number of records with the keys that it keeps.
    var isKeyUnlimited = false
    /// Records that OpenSSL has made with the key that it has now.
    private var recordsOfOpenSSL: UInt64 = 0

    /// Where records are made; nil if OpenSSL shall keep its keys.
    private let room: RecordRoom?
    private var keys: RecordKeys?
    /// What the kernel has not taken of the record that it has begun to take.
    private var stuckRecord: [UInt8] = []
    private var stuckBytes = 0
    private var stuckType: UInt8?
    private var isStuckKeyUpdate = false

    private static let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
    private static let applicationData: UInt8 = 23
    private static let handshake: UInt8 = 22
    private static let keyUpdate: UInt8 = 24
    private static let fullRecordBytes = RecordRoom.maxRecordBytes + RecordRoom.overhead

    init(_ descriptor: Int32, _ room: RecordRoom? = nil) {
        self.descriptor = descriptor
        self.room = room
    }

    /// True if records are made here, from the handshake's end to the first new keys.
    var isSealing: Bool { keys != nil }

    /// True if it is time to ask for new keys. The rest is enough for what may be pending.
    var isKeyAlmostWornOut: Bool {
        guard let room, !(keys == nil && isKeyUnlimited) else { return false }
        return (keys?.sequence ?? recordsOfOpenSSL) > room.maxRecordsPerKey - room.maxRecordsPerKey / 16
    }

    /// OpenSSL goes on with new keys.
    func keysChanged() { recordsOfOpenSSL = 0 }

    /// Takes over the encryption from OpenSSL; false if that has to go on itself.
    /// - Parameter info: a structure of linux/tls.h.
    func takeOver(_ info: UnsafeRawPointer) -> Bool {
        guard room != nil, let keys = unsafe RecordKeys(info) else { return false }
        self.keys = keys
        return true
    }

    /// Sends `count` bytes from `cursor` on as application data, as far as the kernel takes them. Nothing may be stuck.
    func send(_ count: Int, from start: PartCursor, of source: RecordSource) -> Progress {
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
            // All records but a last one are full ones.
            let whole = taken / Self.fullRecordBytes
            progress.sent += whole * RecordRoom.maxRecordBytes
            // Nobody has seen the records behind the one that was cut: their numbers are free again.
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

    /// Sends what OpenSSL writes.
    /// - Returns: how many of the bytes are done with; nil if OpenSSL shall try again with the same bytes, and -1 if the
    ///   connection cannot go on.
    func write(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard let keys, let room else {
            return unsafe sendForOpenSSL(bytes)
        }
        if stuckBytes > 0 { return finishStuck(bytes.count) }
        guard let cipher = room.cipher(for: keys) else { return -1 }
        let count = min(bytes.count, RecordRoom.maxRecordBytes)
        let size = unsafe room.seal(
            count, from: PartCursor(PartRanges(0..<count)), of: .memory(bytes),
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
        // Also if the kernel has nothing of it: OpenSSL remembers where the bytes were, and not the bytes, so the next
        // time something else may stand there.
        keep(taken..<size, of: room, madeOf: count)
        isStuckKeyUpdate = unsafe isKeyUpdate(bytes)
        return nil
    }

    /// Sends records that OpenSSL has made; results as those of `write`.
    private func sendForOpenSSL(_ bytes: UnsafeRawBufferPointer) -> Int? {
        if let room, !isKeyUnlimited, recordsOfOpenSSL >= room.maxRecordsPerKey { return -1 }
        let sent = unsafe Glibc.send(
            descriptor, bytes.baseAddress, bytes.count, Self.flags | (hasMore ? Int32(MSG_MORE) : 0))
        guard sent >= 0 else { return errno == EAGAIN || errno == EINTR ? nil : -1 }
        // It writes record by record; one that the kernel takes in two pieces counts twice, which does no harm.
        recordsOfOpenSSL += 1
        return sent
    }

    /// RFC 8446 section 4.6.3: the last record under these keys says so. OpenSSL makes the next keys and tells nobody, so it
    /// goes on by itself.
    private func isKeyUpdate(_ bytes: UnsafeRawBufferPointer) -> Bool {
        unsafe controlType == Self.handshake && bytes.first == Self.keyUpdate
    }

    private func finishRecord(isKeyUpdate: Bool) {
        controlType = nil
        if isKeyUpdate { keys = nil }
    }

    /// Sends on what is left of a record that was cut; only the bytes it was made of may follow, or begin, what OpenSSL
    /// writes now.
    private func finishStuck(_ count: Int) -> Int? {
        // An alert cannot come in between: then the peer learns from the connection's end.
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

    /// How much of the room's memory the kernel has taken; 0 on any error, which `errno` tells.
    private func send(_ range: Range<Int>, of room: RecordRoom, hasMore: Bool) -> Int {
        let bytes = unsafe UnsafeRawBufferPointer(rebasing: room.memory[range])
        let flags = Self.flags | (hasMore ? Int32(MSG_MORE) : 0)
        return unsafe max(0, Glibc.send(descriptor, bytes.baseAddress, bytes.count, flags))
    }
}
