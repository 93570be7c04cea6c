// SPDX-License-Identifier: MIT

/// An error in a JPEG, or a kind of JPEG that EvRelay does not relay. Offsets count from the first byte of the frame.
public enum JPEGError: Error, Sendable, Equatable {
    /// No bytes at all.
    case empty
    /// The first two bytes are not `FF D8`.
    case noStartOfImage
    /// The bytes end at `byteCount`, before the end of image was reached.
    case truncated(byteCount: Int)
    /// More bytes between the segments than decoders skip; the last of them begin at `offset`.
    case bytesBetweenSegments(offset: Int)
    /// A marker at a position where it is not allowed.
    case unexpectedMarker(code: UInt8, offset: Int)
    /// A segment whose stated length differs from the length of its contents.
    case wrongSegmentLength(code: UInt8, offset: Int)
    /// A value inside a segment that ITU-T T.81 does not allow.
    case wrongSegmentContents(code: UInt8, offset: Int)
    /// Lossless, arithmetic or hierarchical coding, or JPEG-LS.
    case unsupportedCoding(code: UInt8)
    /// A number of bits per sample other than 8.
    case unsupportedPrecision(bits: Int)
    /// A number of components other than 1 and 3.
    case unsupportedComponents(count: Int)
    /// A side of 0 or of more than 65,500 pixels.
    case unsupportedSize(width: Int, height: Int)
    /// A scan that names components that the frame header does not have, or in a wrong number or order.
    case wrongScan(offset: Int)
    /// A scan without any entropy-coded byte.
    case emptyScan(offset: Int)
    /// An end of image before any scan.
    case noScan

    /// The problem, its position, and what would be accepted.
    public var message: String {
        switch self {
        case .empty:
            "The frame has no bytes; a whole JPEG is expected."
        case .noStartOfImage:
            "The frame does not begin with FF D8; a JPEG is expected."
        case .truncated(let byteCount):
            "The JPEG breaks off after \(byteCount) bytes; it must end with FF D9."
        case .bytesBetweenSegments(let offset):
            "More than \(JPEG.maxStrayBytes) bytes stand between the JPEG's segments; the last of them begin at byte \(offset)."
        case .unexpectedMarker(let code, let offset):
            "The marker \(Self.hexadecimal(code)) at byte \(offset) of the JPEG may not stand there."
        case .wrongSegmentLength(let code, let offset):
            "The segment \(Self.hexadecimal(code)) at byte \(offset) of the JPEG has a wrong length."
        case .wrongSegmentContents(let code, let offset):
            "The segment \(Self.hexadecimal(code)) at byte \(offset) of the JPEG holds a value that is not allowed."
        case .unsupportedCoding(let code):
            "The JPEG's coding (\(Self.hexadecimal(code))) is not supported; baseline and progressive are."
        case .unsupportedPrecision(let bits):
            "The JPEG has \(bits) bits a sample; 8 are supported."
        case .unsupportedComponents(let count):
            "The JPEG has \(count) components; 1 (grey) and 3 (colour) are supported."
        case .unsupportedSize(let width, let height):
            "The JPEG states \(width) x \(height) pixels; 1 to \(JPEG.maxSidePixels) a side are supported."
        case .wrongScan(let offset):
            "The scan at byte \(offset) of the JPEG does not fit the components of the frame header."
        case .emptyScan(let offset):
            "The scan at byte \(offset) of the JPEG has no data."
        case .noScan:
            "The JPEG ends without a scan: it has headers and no picture."
        }
    }

    private static func hexadecimal(_ code: UInt8) -> String {
        let digits = String(code, radix: 16, uppercase: true)
        return "FF " + (digits.count == 1 ? "0" + digits : digits)
    }
}
