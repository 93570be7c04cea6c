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

    /// The finished block; nil before the last byte is in, and at the second call.
    func finish(timestampMicroseconds: Int64) -> (block: SharedBytes, layout: FrameLayout)? {
        layout.stamp(timestampMicroseconds: timestampMicroseconds)
        return block.finish(prefix: layout.prefix, suffix: layout.suffix).map { ($0, layout) }
    }
}
