// SPDX-License-Identifier: MIT

/// Writes the chunked transfer coding (RFC 9112 section 7.1).
public enum ChunkedWriter {
    /// Returns `bytes`, which must not be empty, as one chunk.
    public static func chunk(_ bytes: [UInt8]) -> [UInt8] { bytes.asChunk() }

    /// The end of the body: the last chunk, without trailers.
    public static let end = Array("0\r\n\r\n".utf8)
}
