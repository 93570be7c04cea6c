// SPDX-License-Identifier: MIT

/// A file of settings: the environment variables, one a line, as in `EVRELAY_MAX_VIEWERS=100`. Pure.
///
/// Meant to be shared with shells, systemd and Docker: blank lines, comments that begin with `#` or `;`, and values
/// that may be quoted as a whole. Refuses backslashes and other quotes, which they read differently.
struct SettingsFile: Sendable, Equatable {
    /// A value and its line.
    struct Entry: Sendable, Equatable {
        let value: String
        /// The line's number, counted from 1.
        let line: Int
    }

    /// The path that the file was read from.
    let path: String
    /// The entries by variable.
    let entries: [String: Entry]

    /// The largest accepted file, in bytes.
    static let maxBytes = 64 << 10
    /// The most lines, including comments.
    static let maxLines = 1000

    private static let form = "expected a line like EVRELAY_MAX_VIEWERS=100"

    /// Reads the file's bytes. Lines may end with CRLF.
    init(_ bytes: [UInt8], path: String) throws(ConfigurationError) {
        self.path = path
        guard bytes.count <= Self.maxBytes else {
            throw .unusableFile(path: path, reason: "has \(bytes.count) bytes; accepted: at most \(Self.maxBytes)")
        }
        guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
            throw .unusableFile(path: path, reason: "is not text; accepted: lines in UTF-8")
        }
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        guard lines.count <= Self.maxLines else {
            throw .unusableFile(path: path, reason: "has \(lines.count) lines; accepted: at most \(Self.maxLines)")
        }
        var entries: [String: Entry] = [:]
        for (index, bytes) in lines.enumerated() {
            let number = index + 1
            let line = Substring(bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes)
            do throws(LineError) {
                guard let (name, value) = try Self.assignment(Self.trimmed(line)) else { continue }
                try Self.check(name, SettingSource.line(name, path: path, number: number))
                if let earlier = entries.updateValue(Entry(value: value, line: number), forKey: name) {
                    throw LineError.wrong("\(name) is already set in line \(earlier.line)")
                }
            } catch {
                switch error {
                case .wrong(let reason): throw .wrongLine(path: path, number: number, reason: reason)
                case .unknown(let source): throw .unknownName(source)
                }
            }
        }
        self.entries = entries
    }

    private enum LineError: Error {
        case wrong(String)
        case unknown(SettingSource)
    }

    /// Returns the name and value of a line; nil for a blank line or a comment.
    private static func assignment(_ line: Substring) throws(LineError) -> (name: String, value: String)? {
        guard let first = line.utf8.first, first != UInt8(ascii: "#"), first != UInt8(ascii: ";") else { return nil }
        guard !line.unicodeScalars.contains(where: { $0.properties.generalCategory == .control && $0 != "\t" }) else {
            throw .wrong("contains a control character")
        }
        guard let equals = line.utf8.firstIndex(of: UInt8(ascii: "=")) else { throw .wrong("has no =; \(form)") }
        let name = line[..<equals]
        guard !name.isEmpty, name.utf8.allSatisfy(isNameByte) else {
            throw .wrong("what stands before = is not the name of a variable; \(form)")
        }
        return (String(name), try value(trimmed(line[line.utf8.index(after: equals)...])))
    }

    private static func value(_ text: Substring) throws(LineError) -> String {
        guard !text.contains("\\") else {
            throw .wrong("contains a backslash, which shells and systemd would read differently")
        }
        guard let quote = text.first, quote == "\"" || quote == "'" else {
            guard !text.contains("\""), !text.contains("'") else {
                throw .wrong("has a quote inside its value; quotes enclose a whole value or are left out")
            }
            return String(text)
        }
        let inner = text.dropFirst()
        guard inner.last == quote, !inner.dropLast().contains(quote) else {
            throw .wrong("a value that begins with \(quote) ends with the next \(quote) and nothing behind it")
        }
        return String(inner.dropLast())
    }

    private static func check(_ name: String, _ source: SettingSource) throws(LineError) {
        guard name != CommandFlag.config.variable else {
            throw .wrong("\(name) names the file and cannot be set inside it")
        }
        guard Setting.all.contains(where: { $0.variable == name }) else { throw .unknown(source) }
    }

    /// Returns the text without blanks and tabs at both ends.
    private static func trimmed(_ text: Substring) -> Substring {
        let start = text.utf8.drop(while: isBlank)
        return Substring(start.prefix(start.count - start.reversed().prefix(while: isBlank).count))
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
