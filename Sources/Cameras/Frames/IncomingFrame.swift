// SPDX-License-Identifier: MIT
public import LibEvent
import System
import WireFormat

/// One frame being received. Its bytes arrive in the same block that viewers are sent.
///
/// Confined to one event loop.
public final class IncomingFrame {
    /// The block that the bytes go to.
    public let block: BlockBuilder
    private var layout: FrameLayout

    /// Creates room for `byteCount` bytes of JPEG and everything around it in a stream; nil if the ledger does not
    /// allow it.
    public init?(byteCount: Int, countedIn ledger: ByteLedger) {
        layout = FrameLayout(jpegByteCount: byteCount, timestampMicroseconds: SystemClock.nowMicroseconds())
        let block = BlockBuilder(
            prefixByteCount: layout.prefix.count, bodyByteCount: byteCount, suffixByteCount: layout.suffix.count,
            countedIn: ledger)
        guard let block else { return nil }
        self.block = block
    }

    /// True when the last byte has arrived.
    public var isComplete: Bool { block.missingByteCount == 0 }

    /// Returns the frame in the form that viewers are sent, without the bytes after its JPEG. Returns nil before the
    /// last byte has arrived, and at the second call.
    /// - Throws: if the bytes are not a whole JPEG of a relayed kind, or contain a stream's delimiter.
    public func finish(timestampMicroseconds: Int64) throws(FrameRefusal) -> FinishedFrame? {
        guard isComplete else { return nil }
        let (info, byteCount) = try block.withBody { (body) throws(FrameRefusal) in try Self.inspect(body) }
        let trailingBytes = layout.jpeg.count - byteCount
        if trailingBytes > 0 { cut(to: byteCount, timestampMicroseconds) }
        layout.stamp(timestampMicroseconds: timestampMicroseconds)
        guard let bytes = block.finish(prefix: layout.prefix, suffix: layout.suffix) else { return nil }
        return FinishedFrame(bytes: bytes, layout: layout, info: info, trailingBytes: trailingBytes)
    }

    private static func inspect(_ body: Span<UInt8>) throws(FrameRefusal) -> (info: JPEG.Info, byteCount: Int) {
        let result: (info: JPEG.Info, byteCount: Int)
        do throws(JPEGError) { result = try JPEG.inspect(body) } catch { throw .notAJPEG(error) }
        let jpeg = body.extracting(first: result.byteCount)
        if let boundary = StreamBoundary.firstDelimiter(in: jpeg) { throw .delimiterInFrame(boundary) }
        return result
    }

    /// Cuts the bytes after the JPEG. The other bytes stay in place; the part head before them is rewritten with the
    /// smaller size, in the same room.
    private func cut(to byteCount: Int, _ timestampMicroseconds: Int64) {
        layout = FrameLayout(
            jpegByteCount: byteCount, timestampMicroseconds: timestampMicroseconds,
            prefixByteCount: layout.prefix.count)
        block.cut(bodyByteCount: byteCount, suffixByteCount: layout.suffix.count)
    }
}
