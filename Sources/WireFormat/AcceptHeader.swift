// SPDX-License-Identifier: MIT

/// What the Accept header tells about who asks for a stream. Weights (`q=`) do not matter for that.
public enum AcceptHeader {
    /// An `<img>` asks: it names an `image/` type, and no `text/html`. ffmpeg, curl, VLC and OpenCV send `*/*` or
    /// nothing.
    public static func prefersImage(_ accept: String?) -> Bool {
        guard let accept, !acceptsHTML(accept) else { return false }
        return anyRange(of: accept) { $0.count > 6 && ASCII.equal($0.extracting(first: 6), caseless: "image/") }
    }

    /// Somebody opens the URL itself: the header names `text/html`.
    public static func acceptsHTML(_ accept: String?) -> Bool {
        guard let accept else { return false }
        return anyRange(of: accept) { ASCII.equal($0, caseless: "text/html") }
    }

    private static func anyRange(of accept: String, where isWanted: (Span<UInt8>) -> Bool) -> Bool {
        let bytes = accept.utf8.span
        var start = 0
        while start < bytes.count {
            var end = start
            while end < bytes.count, bytes[end] != ASCII.comma { end += 1 }
            var typeEnd = start
            while typeEnd < end, bytes[typeEnd] != ASCII.semicolon { typeEnd += 1 }
            if isWanted(bytes.extracting(ASCII.trimmed(bytes, start..<typeEnd))) { return true }
            start = end + 1
        }
        return false
    }
}
