// SPDX-License-Identifier: MIT
import LibEvent
import WireFormat

/// One frame on its way in: its bytes arrive in the very block that viewers will be sent.
///
/// Confined to one event loop.
final class IncomingFrame {
    /// Where the bytes go.
    let block: BlockBuilder
    private var layout: FrameLayout

    /// Room for `byteCount` bytes of JPEG and all that surrounds it in a stream; nil if the ledger does not allow it.
    init?(byteCount: Int, countedIn ledger: ByteLedger) {
        layout = FrameLayout(jpegByteCount: byteCount, timestampMicroseconds: SystemClock.nowMicroseconds())
        let block = BlockBuilder(
            prefixByteCount: layout.prefix.count, bodyByteCount: byteCount, suffixByteCount: layout.suffix.count,
            countedIn: ledger)
        guard let block else { return nil }
        self.block = block
    }

    /// True when the last byte is in.
    var isComplete: Bool { block.missingByteCount == 0 }

    /// The frame as viewers will be sent it, without what stood behind its JPEG; nil before the last byte is in, and at the
    /// second call.
    /// - Throws: if the bytes are no JPEG that is relayed.
    func finish(timestampMicroseconds: Int64) throws(UploadRefusal) -> CheckedFrame? {
        guard isComplete else { return nil }
        let (info, byteCount) = try block.withBody { (body) throws(UploadRefusal) in try Self.inspect(body) }
        let trailingBytes = layout.jpeg.count - byteCount
        if trailingBytes > 0 { cut(to: byteCount, timestampMicroseconds) }
        layout.stamp(timestampMicroseconds: timestampMicroseconds)
        guard let bytes = block.finish(prefix: layout.prefix, suffix: layout.suffix) else { return nil }
        return CheckedFrame(bytes: bytes, layout: layout, info: info, trailingBytes: trailingBytes)
    }

    private static func inspect(_ body: Span<UInt8>) throws(UploadRefusal) -> (info: JPEG.Info, byteCount: Int) {
        let result: (info: JPEG.Info, byteCount: Int)
        do throws(JPEGError) { result = try JPEG.inspect(body) } catch { throw .notAJPEG(error) }
        let jpeg = body.extracting(first: result.byteCount)
        if let boundary = StreamBoundary.firstDelimiter(in: jpeg) { throw .delimiterInFrame(boundary) }
        return result
    }

    /// The bytes stay where they are: what stands before them says a smaller size, in the same room.
    private func cut(to byteCount: Int, _ timestampMicroseconds: Int64) {
        layout = FrameLayout(
            jpegByteCount: byteCount, timestampMicroseconds: timestampMicroseconds,
            prefixByteCount: layout.prefix.count)
        block.cut(bodyByteCount: byteCount, suffixByteCount: layout.suffix.count)
    }
}

/// A frame that may become a camera's latest.
struct CheckedFrame: Sendable {
    let bytes: SharedBytes
    let layout: FrameLayout
    let info: JPEG.Info
    /// The number of bytes behind the JPEG, which were cut off.
    let trailingBytes: Int
}
