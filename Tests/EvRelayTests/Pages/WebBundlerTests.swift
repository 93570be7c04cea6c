// SPDX-License-Identifier: MIT
import FoundationEssentials
import Testing

@testable import WebBundler

@Suite struct WebBundlerTests {
    @Test(arguments: [
        ("", ##"#""#"##), ("plain", ##"#"plain"#"##), ("say \"hi\"", ##"#"say "hi""#"##),
        ("\\(x) \\n", ##"#"\(x) \n"#"##), ("a\n\tb\r\n", ##"#"a\#n\#tb\#u{d}\#n"#"##),
        ("\"# \\#n", ###"##""# \#n"##"###), ("##\"##", ####"###"##"##"###"####),
        ("\0\u{1b}\u{feff}\u{202e}", ##"#"\#u{0}\#u{1b}\#u{feff}\#u{202e}"#"##),
        ("привет 📷", ##"#"привет 📷"#"##),
    ])
    func `any text becomes one literal on one line`(_ text: String, _ literal: String) {
        #expect(SwiftLiteral.text(text) == literal)
    }

    @Test func `a folder becomes one sorted dictionary without hidden files`() throws {
        try withFolder(["b.css": Data("b".utf8), "a/x.js": Data("x".utf8), ".swp": Data([0xFF])]) { path in
            let source = try WebFolder(path: path).source()
            #expect(source.contains("        #\"/a/x.js\"#: #\"x\"#,\n        #\"/b.css\"#: #\"b\"#,\n    ]\n}\n"))
            #expect(!source.contains("swp"))
        }
    }

    @Test func `a file that is not text, a name that could not be fetched and an empty folder are refused`() throws {
        try withFolder(["bad.css": Data([0x61, 0xFF])]) { path in
            let problem = try #require(throws: WebFolder.Problem.self) { try WebFolder(path: path).source() }
            #expect(problem.description == "\(path)/bad.css: not UTF-8; every embedded file is text")
        }
        try withFolder(["two words.css": Data()]) { path in
            let problem = try #require(throws: WebFolder.Problem.self) { try WebFolder(path: path).source() }
            #expect(problem.description == "\(path)/two words.css: names are made of A-Z a-z 0-9 . _ -")
        }
        try withFolder([:]) { path in
            let problem = try #require(throws: WebFolder.Problem.self) { try WebFolder(path: path).source() }
            #expect(problem.description == "\(path): no file to embed")
        }
        let problem = try #require(throws: WebFolder.Problem.self) { try WebFolder(path: "/nonexistent").source() }
        #expect(problem.description == "/nonexistent: cannot be read")
    }

    private func withFolder(_ files: [String: Data], _ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "evrelay-\(UInt64.random(in: 0...(.max)))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, content) in files {
            let file = folder.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try content.write(to: file)
        }
        try body(folder.path)
    }
}
