// SPDX-License-Identifier: MIT
public import Cameras
public import LibEvent
public import System
public import WireFormat

/// Returns a moment, in seconds from the beginning of a test's own time.
public func moment(_ seconds: Double) -> Instant {
    Instant(nanoseconds: 1_000_000_000_000 + Int64((seconds * 1_000_000_000).rounded()))
}

/// The age limits of the default configuration.
public let defaultAges = CameraAges(staleAfter: .seconds(3), offlineAfter: .seconds(15), forgetAfter: .seconds(600))

/// Returns a camera's name; fails if it is not valid.
public func camera(_ name: String) throws -> CameraID { try required(CameraID(name)) }

/// Makes frames whose bodies the policies under test never read.
public struct FrameFixture {
    /// The ledger that the frames are counted in.
    public let ledger: ByteLedger
    /// The size and kind that the frames claim.
    public static let info = JPEG.Info(width: 64, height: 48, components: 1, isProgressive: false)

    /// Creates a fixture with a budget of its own.
    public init(limitBytes: Int = 1 << 20) {
        ledger = ByteLedger(limitBytes: limitBytes)
    }

    /// Returns a frame with `byteCount` bytes of body, which is no JPEG.
    public func checked(byteCount: Int = 100) throws -> FinishedFrame {
        let layout = FrameLayout(jpegByteCount: byteCount, timestampMicroseconds: 1_795_370_400_000_000)
        let builder = try required(
            BlockBuilder(
                prefixByteCount: layout.prefix.count, bodyByteCount: byteCount, suffixByteCount: layout.suffix.count,
                countedIn: ledger))
        builder.fill(from: [UInt8](repeating: 7, count: byteCount))
        let bytes = try required(builder.finish(prefix: layout.prefix, suffix: layout.suffix))
        return FinishedFrame(bytes: bytes, layout: layout, info: Self.info, trailingBytes: 0)
    }

    /// Returns a frame that was never published.
    public func frame(of id: CameraID, sequence: Int64) throws -> Frame {
        Frame(try checked(), camera: id, sequence: sequence, timestampMicroseconds: 0, arrived: moment(0))
    }
}
