// SPDX-License-Identifier: MIT
internal import CQREncode
import Glibc

/// A QR code (ISO/IEC 18004) as a square of modules, made by libqrencode. Safe to make on any thread.
public struct QRCode: Equatable, Sendable {
    /// The number of modules along each side: 21 to 177. The caller draws the quiet zone around them.
    public let width: Int
    private let modules: [Bool]

    /// The most bytes a code can hold at the lowest level of error correction (ISO/IEC 18004 §7.4.10).
    public static let maxBytes = 2953

    /// Makes a code for `text` with the lowest level of error correction: a screen has no scratches, and a larger code
    /// does not fit into a terminal.
    /// - Throws: if `text` is empty or has more than `maxBytes` bytes.
    public init(_ text: String) throws(SystemError) {
        let bytes = Array(text.utf8)
        // Safe: the library reads as many bytes as it is told.
        guard let code = unsafe QRcode_encodeData(Int32(clamping: bytes.count), bytes, 0, QR_ECLEVEL_L) else {
            throw SystemError("QRcode_encodeData", code: errno)
        }
        // Safe: the library has made width × width bytes, which are copied before they are freed.
        defer { unsafe QRcode_free(code) }
        let width = unsafe Int(code.pointee.width)
        self.width = width
        // The lowest bit is the module's colour, the others tell its function.
        unsafe modules = UnsafeBufferPointer(start: code.pointee.data, count: width * width).map { $0 & 1 == 1 }
    }

    /// Returns true if a module is dark; false outside of the code, where the quiet zone is.
    public func isDark(column: Int, row: Int) -> Bool {
        guard (0..<width).contains(column), (0..<width).contains(row) else { return false }
        return modules[row * width + column]
    }
}
