// SPDX-License-Identifier: MIT

/// The two boundaries that streams use.
public enum StreamBoundary: CaseIterable, Sendable {
    /// The boundary of `/stream`, and of every stream that needs no other.
    case frame
    /// The boundary of mjpg-streamer's URLs. Its own client searches for this word only.
    case boundaryDoNotCross

    /// The boundary as `Content-Type` names it, without the dashes of the delimiter.
    public var token: String {
        switch self {
        case .frame: "frame"
        case .boundaryDoNotCross: "boundarydonotcross"
        }
    }

    /// Returns the first delimiter, dashes included, that a frame's bytes contain; nil if there is none. Browsers split
    /// a stream by it alone and ignore Content-Length, so such a frame could inject a foreign part.
    ///
    /// Costs about 2 µs for 40 KB, and 2 ns a byte at worst.
    public static func firstDelimiter(in bytes: Span<UInt8>) -> StreamBoundary? {
        var found: StreamBoundary?
        _ = ByteSearch.firstPair(of: ASCII.dash, in: bytes) { place in
            guard place + 2 < bytes.count else { return false }
            let candidate: StreamBoundary
            switch bytes[place + 2] {
            case 0x62: candidate = .boundaryDoNotCross
            case 0x66: candidate = .frame
            default: return false
            }
            guard ByteSearch.has(candidate.token.utf8.span, at: place + 2, in: bytes) else { return false }
            found = candidate
            return true
        }
        return found
    }
}
