// SPDX-License-Identifier: MIT
import Cameras
import WireFormat

/// The file of keys: one key a line, `KEY RIGHTS CAMERAS [remark]`. Blank lines and `#` comments are skipped. Pure.
///
/// Errors name the file and the line number but show no text of the line: a misplaced key may be anywhere in it.
enum KeyFile {
    /// One key: its digest, rights and cameras.
    struct Entry: Sendable, Equatable {
        let digest: CredentialDigest
        let rights: Set<Right>
        let cameras: [CameraPattern]
        /// The administrator's remark at the end of the line; may be empty.
        let remark: String
        /// The line's number, counted from 1.
        let line: Int
    }

    /// The accepted length of a key, in bytes, which are ASCII characters. A key below 16 could be guessed.
    static let acceptedKeyBytes = 16...128
    static let acceptedKey = "16 to 128 of A-Z a-z 0-9 _ ~ -, or sha256: and 64 hexadecimal digits"
    private static let digestPrefix = "sha256:"
    private static let maxLineBytes = 1024

    /// Returns the largest accepted size, in bytes, of a file with so many keys. Comments use the room left by short
    /// lines.
    static func maxBytes(keys: Int) -> Int { 65_536 + keys * maxLineBytes }

    /// Returns true for a byte that a key may contain. All of them can be put into a URL without escaping.
    static func isKeyByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// Returns true if `text` has the form of a key.
    static func isKey(_ text: some StringProtocol) -> Bool {
        acceptedKeyBytes.contains(text.utf8.count) && text.utf8.allSatisfy(isKeyByte)
    }

    /// Reads the file's bytes. Lines may end with CRLF.
    /// - Parameters:
    ///   - path: named in errors.
    ///   - maxKeys: the most keys accepted.
    static func parse(_ bytes: [UInt8], path: String, maxKeys: Int) throws(ConfigurationError) -> [Entry] {
        var entries: [Entry] = []
        var lines: [CredentialDigest: Int] = [:]
        for (index, bytes) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
        {
            let number = index + 1
            func failure(_ reason: String) -> ConfigurationError {
                .unusableSecret(flag: Setting.keys.flag, path: path, reason: "line \(number): \(reason)")
            }
            let line = bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes
            let entry: Entry
            do throws(ValueError) {
                guard let read = try Self.entry(line, number: number) else { continue }
                entry = read
            } catch {
                throw failure("\(error.reason); expected KEY RIGHTS CAMERAS [remark]")
            }
            if let earlier = lines.updateValue(number, forKey: entry.digest) {
                throw failure("the key of line \(earlier) stands here again; one line can name several rights")
            }
            entries.append(entry)
            guard entries.count <= maxKeys else {
                throw failure("there are more than \(maxKeys) keys (\(Setting.maxKeys.flag))")
            }
        }
        return entries
    }

    /// Returns the line for a key, without a line feed.
    static func line(
        _ digest: CredentialDigest, _ rights: Set<Right>, _ cameras: [CameraPattern], remark: String
    ) -> String {
        "\(digestPrefix)\(digest.hexadecimal) \(rights.text) \(cameras.text)" + (remark.isEmpty ? "" : " \(remark)")
    }

    /// Returns the key of a line; nil for a blank line or a comment.
    private static func entry(_ bytes: ArraySlice<UInt8>, number: Int) throws(ValueError) -> Entry? {
        guard bytes.count <= maxLineBytes else { throw ValueError("", "has more than \(maxLineBytes) bytes") }
        guard let line = String(validating: bytes, as: UTF8.self) else { throw ValueError("", "is not UTF-8") }
        var words = Words(line)
        guard let key = words.next(), !key.hasPrefix("#") else { return nil }
        guard !line.unicodeScalars.contains(where: { $0.properties.generalCategory == .control && $0 != "\t" }) else {
            throw ValueError("", "contains a control character")
        }
        guard let rights = words.next(), let cameras = words.next() else { throw ValueError("", "has too few words") }
        return Entry(
            digest: try digest(key), rights: try Right.list(parsing: rights),
            cameras: try CameraPattern.list(parsing: cameras), remark: words.rest, line: number)
    }

    private static func digest(_ text: Substring) throws(ValueError) -> CredentialDigest {
        let digest =
            text.hasPrefix(digestPrefix)
            ? CredentialDigest(hexadecimal: text.dropFirst(digestPrefix.count))
            : isKey(text) ? CredentialDigest(of: String(text)) : nil
        guard let digest else { throw ValueError("", "the first word is no key; accepted: \(acceptedKey)") }
        return digest
    }

    /// The words of a line, separated by blanks and tabs.
    private struct Words {
        private var text: Substring.UTF8View

        init(_ line: String) {
            text = line[...].utf8
        }

        private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

        mutating func next() -> Substring? {
            text = text.drop(while: Self.isBlank)
            let word = text.prefix { !Self.isBlank($0) }
            text = text[word.endIndex...]
            return word.isEmpty ? nil : Substring(word)
        }

        var rest: String {
            let start = text.drop(while: Self.isBlank)
            return String(Substring(start.prefix(start.count - start.reversed().prefix(while: Self.isBlank).count)))
        }
    }
}
