// SPDX-License-Identifier: MIT
import Cameras
import TestSupport
import Testing

@testable import EvRelay

@Suite struct KeyFileTests {
    private static let key = "abcdefghijklmnop"

    private func parse(_ text: String, maxKeys: Int = 10) throws(ConfigurationError) -> [KeyFile.Entry] {
        try KeyFile.parse(Array(text.utf8), path: "/etc/keys", maxKeys: maxKeys)
    }

    @Test func `a line has a key, rights, cameras and a remark`() throws {
        let entries = try parse(
            """
            # cameras of the shop

            \(Self.key) publish shop-* the cash desk's phone
              \tABCDEFGHIJKLMNOP~_-0\tview,observe   door,default\r
            """)
        #expect(entries.count == 2)
        #expect(entries[0].digest == CredentialDigest(of: Self.key))
        #expect(entries[0].rights == [.publish])
        #expect(entries[0].cameras.map(\.description) == ["shop-*"])
        #expect(entries[0].remark == "the cash desk's phone")
        #expect(entries[0].line == 3)
        #expect(entries[1].rights == [.view, .observe])
        #expect(entries[1].cameras.map(\.description) == ["door", "default"])
        #expect(entries[1].remark == "")
        #expect(entries[1].line == 4)
    }

    @Test func `a key may stand as its digest, in either case`() throws {
        // printf %s abcdefghijklmnop | sha256sum
        let digest = "f39dac6cbaba535e2c207cd0cd8f154974223c848f727f98b3564cea569b41cf"
        for text in [digest, digest.uppercased()] {
            #expect(try parse("sha256:\(text) view *").first?.digest == CredentialDigest(of: Self.key))
        }
    }

    @Test func `what is written is what is read`() throws {
        let digest = try #require(CredentialDigest(of: Self.key))
        let line = KeyFile.line(
            digest, [.observe, .publish], try CameraPattern.list(parsing: "door,a*"), remark: "the door's phone")
        #expect(line == "sha256:\(digest.hexadecimal) publish,observe door,a* the door's phone")
        let entry = try #require(try parse(line).first)
        #expect(entry.digest == digest)
        #expect(entry.rights == [.publish, .observe])
        #expect(entry.remark == "the door's phone")
        let bare = KeyFile.line(digest, [.view], [.every], remark: "")
        #expect(bare == "sha256:\(digest.hexadecimal) view *")
    }

    @Test func `a key has 16 to 128 characters`() throws {
        for (count, isAccepted) in [(15, false), (16, true), (128, true), (129, false)] {
            let key = String(repeating: "k", count: count)
            #expect(((try? parse("\(key) view *")) != nil) == isAccepted, "\(count)")
            #expect(KeyFile.isKey(key) == isAccepted)
        }
    }

    @Test(arguments: [
        ("abcdefghijklmno. view *", "the first word is no key"),
        ("abcdefghijklmno% view *", "the first word is no key"),
        ("sha256:12 view *", "the first word is no key"),
        ("SHA256:\(String(repeating: "0", count: 64)) view *", "no key"),
        ("sha256:\(String(repeating: "g", count: 64)) view *", "the first word is no key"),
        ("publish door", "too few words"), ("abcdefghijklmnop view", "too few words"),
        ("abcdefghijklmnop", "too few words"),
        ("abcdefghijklmnop watch *", "a right is none of publish, view, observe"),
        ("abcdefghijklmnop view, *", "a right is none of"), ("abcdefghijklmnop View *", "a right is none of"),
        ("abcdefghijklmnop view,view *", "a right stands twice"),
        ("abcdefghijklmnop view .door", "a camera is none of"),
        ("abcdefghijklmnop view door,", "a camera is none of"), ("abcdefghijklmnop view dö", "a camera is none of"),
        ("abcdefghijklmnop view d\(String(repeating: "o", count: 64))", "a camera is none of"),
        ("abcdefghijklmnop view * a\u{1}b", "a control character"),
        ("abcdefghijklmnop view * \(String(repeating: "r", count: 1024))", "more than 1024 bytes"),
    ])
    func `a wrong line is named with its file and what is accepted, and nothing of it is shown`(
        line: String, reason: String
    ) throws {
        let error = #expect(throws: ConfigurationError.self) { try parse("# first\n\n\(line)\n") }
        let message = try #require(error?.message)
        #expect(message.contains("/etc/keys: line 3: "), "\(message)")
        #expect(message.contains(reason), "\(message)")
        #expect(message.contains("KEY RIGHTS CAMERAS"))
        #expect(!message.contains("abcdefghijklmno"))
        #expect(error?.exitStatus == 78)
    }

    @Test func `bytes that are no text are refused`() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try KeyFile.parse(Array("\(Self.key) view * ".utf8) + [0xFF], path: "k", maxKeys: 1)
        }
        #expect(error?.message.contains("line 1: is not UTF-8") == true)
    }

    @Test func `the same key twice is refused, also once as its digest`() throws {
        let digest = try #require(CredentialDigest(of: Self.key)).hexadecimal
        for second in [Self.key, "sha256:\(digest)"] {
            let error = #expect(throws: ConfigurationError.self) {
                try parse("\(Self.key) view *\n\(second) publish *")
            }
            #expect(error?.message.contains("line 2: the key of line 1 stands here again") == true)
        }
    }

    @Test func `there are as many keys as allowed and no more`() throws {
        let lines = (0..<4).map { "abcdefghijklmno\($0) view *" }
        #expect(try parse(lines[..<3].joined(separator: "\n"), maxKeys: 3).count == 3)
        let error = #expect(throws: ConfigurationError.self) {
            try parse(lines.joined(separator: "\n"), maxKeys: 3)
        }
        #expect(error?.message.contains("line 4: there are more than 3 keys (--max-keys)") == true)
    }

    @Test func `a file may be empty, or nothing but comments`() throws {
        for text in ["", "\n", "# nothing\n", "  \t\n#\r\n"] { #expect(try parse(text).isEmpty) }
    }

    @Test func `a ring finds each of its keys and no other`() throws {
        let keys = (0..<300).map { "key-number-\($0 + 100_000)" }
        let ring = KeyRing(
            try parse(keys.map { "\($0) view cam\($0.suffix(3))" }.joined(separator: "\n"), maxKeys: 300))
        #expect(ring.count == 300)
        for (index, key) in keys.enumerated() {
            let digest = try #require(CredentialDigest(of: key))
            #expect(ring[digest]?.line == index + 1)
            // One different bit in any byte makes another key.
            for place in 0..<CredentialDigest.byteCount where index == 7 {
                var bytes = digest.bytes
                bytes[place] ^= 1
                #expect(ring[try #require(CredentialDigest(bytes: bytes))] == nil)
            }
        }
        #expect(ring[try #require(CredentialDigest(of: "key-number-99999x"))] == nil)
        #expect(KeyRing()[try #require(CredentialDigest(of: keys[0]))] == nil)
    }

    @Test func `bytes at random do no harm`() {
        var random = SeededGenerator(seed: 16)
        let text = Array("\(Self.key) view,publish a*,b remark\n".utf8)
        for _ in 0..<2_000 {
            var changed = text + text
            for _ in 0..<4 { changed[Int(random.next() % UInt64(changed.count))] = UInt8(random.next() % 256) }
            _ = try? KeyFile.parse(changed, path: "k", maxKeys: 3)
        }
    }
}
