// SPDX-License-Identifier: MIT
import FoundationEssentials

/// The folder whose files become source code.
struct WebFolder {
    /// The reason why the folder cannot be embedded.
    enum Problem: Error, CustomStringConvertible {
        case unreadable(String)
        case notText(String)
        case unsafeName(String)
        case empty(String)

        var description: String {
            switch self {
            case .unreadable(let path): "\(path): cannot be read"
            case .notText(let path): "\(path): not UTF-8; every embedded file is text"
            case .unsafeName(let path): "\(path): names are made of A-Z a-z 0-9 . _ -"
            case .empty(let path): "\(path): no file to embed"
            }
        }
    }

    /// The path of the folder.
    let path: String

    /// Returns the Swift file with all files below the folder. They are in the order of their paths, so that equal
    /// folders give equal sources.
    func source() throws(Problem) -> String {
        let files = try files(below: "")
        guard !files.isEmpty else { throw .empty(path) }
        var source = """
            /// The files of web/ by their path below it, beginning with a slash. Made by WebBundler in every build.
            enum WebBundle {
                static let files: [String: String] = [

            """
        for file in files {
            source += "        \(SwiftLiteral.text(file)): \(SwiftLiteral.text(try content(of: file))),\n"
        }
        return source + "    ]\n}\n"
    }

    private func files(below folder: String) throws(Problem) -> [String] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path + folder) else {
            throw .unreadable(path + folder)
        }
        var files: [String] = []
        // Hidden files are never served, and editors leave theirs here while a page is being changed.
        for name in names.sorted() where !name.hasPrefix(".") {
            let file = "\(folder)/\(name)"
            guard Self.isServed(name) else { throw .unsafeName(path + file) }
            var isFolder = false
            guard FileManager.default.fileExists(atPath: path + file, isDirectory: &isFolder) else {
                throw .unreadable(path + file)
            }
            files += isFolder ? try self.files(below: file) : [file]
        }
        return files
    }

    private func content(of file: String) throws(Problem) -> String {
        guard let data = FileManager.default.contents(atPath: path + file) else { throw .unreadable(path + file) }
        guard let text = String(validating: data, as: UTF8.self) else { throw .notText(path + file) }
        return text
    }

    /// Returns true for names that the server would also open from `--web-root`: a file that could never be fetched is
    /// a mistake.
    private static func isServed(_ name: String) -> Bool {
        name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }
}
