// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import System

/// The pages and the files they load, from the binary or from a folder. Immutable: every loop may ask at the same time.
struct WebFiles: Sendable {
    /// One file in the form in which it is sent.
    struct File: Sendable, Equatable {
        /// The content.
        let body: [UInt8]
        /// The value of Content-Type.
        let contentType: String
        /// The value of ETag, a strong one: it changes with the content.
        let entityTag: String
    }

    /// The folder whose files are read on each request; `nil` for the binary's own files.
    private let root: String?
    /// The binary's own files by path, made once.
    private let bundled: [String: File]

    /// The largest file that is read from the folder, in bytes.
    static let maxFileBytes = 8 << 20

    /// Creates the files of the binary, or of the folder `root`. `file(at: "/")` tells whether the folder can be used.
    init(root: String?) {
        self.root = root
        var files: [String: File] = [:]
        if root == nil {
            for (path, text) in WebBundle.files { files[path] = Self.file(path, Array(text.utf8)) }
        }
        bundled = files
    }

    /// Returns the file for a decoded path without its query: `/`, `/camera`, `/watch`, `/watch/NAME`, `/doctor` and
    /// the files at their own paths. Returns `nil` if there is none.
    ///
    /// A file of a folder is read at once, which blocks this loop: that is for editing pages, not for serving many.
    func file(at path: String) -> File? {
        let path = Self.filePath(path)
        guard let root else { return bundled[path] }
        guard Self.isSafe(path), let body = try? FileContents.read(path: root + path, maxBytes: Self.maxFileBytes)
        else { return nil }
        return Self.file(path, body)
    }

    /// Returns the path below the folder. Pages have shorter addresses than their files.
    static func filePath(_ path: String) -> String {
        switch path {
        case "/": return "/index.html"
        case "/camera": return "/camera.html"
        case "/watch": return "/watch.html"
        case "/doctor": return "/doctor.html"
        default:
            // The page checks the name itself; a watch page of a camera that does not exist says so.
            let name = path.dropFirst("/watch/".count)
            return path.hasPrefix("/watch/") && !name.isEmpty && !name.contains("/") ? "/watch.html" : path
        }
    }

    /// Returns true if a path may be opened: it has at most 255 bytes, and segments of `A-Z a-z 0-9 . _ -` that do not
    /// begin with a dot. That excludes `..`, hidden files, percent signs, backslashes and NUL.
    static func isSafe(_ path: String) -> Bool {
        guard path.utf8.first == UInt8(ascii: "/"), path.utf8.count <= 255 else { return false }
        return path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).allSatisfy { segment in
            !segment.isEmpty && !segment.hasPrefix(".")
                && segment.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                        UInt8(ascii: "-"):
                        true
                    default: false
                    }
                }
        }
    }

    private static func file(_ path: String, _ body: [UInt8]) -> File {
        File(body: body, contentType: contentType(path), entityTag: entityTag(body))
    }

    /// Returns the type for the ending of a path. With `nosniff`, a wrong type would keep a script or style from being
    /// used.
    static func contentType(_ path: String) -> String {
        let dot = path.lastIndex(of: ".") ?? path.endIndex
        return contentTypes[path[dot...].lowercased()] ?? "application/octet-stream"
    }

    private static let contentTypes = [
        ".html": "text/html; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".json": "application/json; charset=utf-8",
        ".svg": "image/svg+xml; charset=utf-8",
        ".webmanifest": "application/manifest+json; charset=utf-8",
        ".txt": "text/plain; charset=utf-8",
        ".png": "image/png",
        ".jpg": "image/jpeg",
        ".ico": "image/vnd.microsoft.icon",
        ".woff2": "font/woff2",
    ]

    /// Returns the hash FNV-1a, 64 bits, in hexadecimal between quotes. It shows a change. A forged tag is possible and
    /// gains nothing.
    static func entityTag(_ body: [UInt8]) -> String {
        let hash = body.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        let digits = String(hash, radix: 16)
        return "\"" + String(repeating: "0", count: 16 - digits.count) + digits + "\""
    }
}
