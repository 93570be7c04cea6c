// SPDX-License-Identifier: MIT
import Testing

@testable import EvRelay

@Suite struct SettingsFileTests {
    private func file(_ text: String) throws -> SettingsFile {
        try SettingsFile(Array(text.utf8), path: "/etc/e.conf")
    }

    private func complaint(_ text: String) -> String? { complaint(Array(text.utf8)) }

    private func complaint(_ bytes: [UInt8]) -> String? {
        do {
            _ = try SettingsFile(bytes, path: "/etc/e.conf")
            return nil
        } catch {
            return error.message
        }
    }

    @Test(arguments: ["", "\n", "# only\n; comments\n", "\r\n \t\n", "  # indented\n\t;=\n", "#"])
    func `a file without settings is read`(_ text: String) throws {
        #expect(try file(text).entries.isEmpty)
    }

    @Test(arguments: [
        ("100", "100"), ("", ""), ("  100\t ", "100"), ("'100'", "100"), ("\"100\"", "100"), ("''", ""), ("\"\"", ""),
        ("' 1 '", " 1 "), ("'a\"b'", "a\"b"), ("\"a'b\"", "a'b"), ("a=b", "a=b"), ("a # b", "a # b"), ("$x", "$x"),
        ("привет", "привет"), ("\"a b\"  ", "a b"),
    ])
    func `a value is read, with LF, CRLF or nothing behind it`(_ written: String, _ value: String) throws {
        for end in ["\n", "\r\n", ""] {
            let entries = try file("\n  EVRELAY_WEB_ROOT=\(written)\(end)").entries
            #expect(entries == ["EVRELAY_WEB_ROOT": .init(value: value, line: 2)])
        }
    }

    @Test(arguments: [
        ("EVRELAY_THREADS", "has no ="), ("export EVRELAY_THREADS=1", "is not the name of a variable"),
        ("EVRELAY_THREADS =1", "is not the name of a variable"), ("=1", "is not the name of a variable"),
        ("--threads=1", "is not the name of a variable"), ("EVRELAY_THREADS='1", "ends with the next '"),
        ("EVRELAY_THREADS='", "ends with the next '"), ("EVRELAY_THREADS='1' x", "ends with the next '"),
        ("EVRELAY_THREADS='1''2'", "ends with the next '"), ("EVRELAY_THREADS=\"1'", "ends with the next \""),
        ("EVRELAY_THREADS=1'", "has a quote inside"), ("EVRELAY_THREADS=1\"2\"", "has a quote inside"),
        ("EVRELAY_THREADS=1\\", "contains a backslash"), ("EVRELAY_THREADS='a\\b'", "contains a backslash"),
        ("EVRELAY_THREADS=1\u{1b}", "contains a control character"), ("EVRELAY_THREADS=1\r2", "control character"),
        ("EVRELAY_CONFIG=/x", "cannot be set inside it"), ("[Service]", "has no ="),
    ])
    func `a wrong line is named with the reason`(_ line: String, _ reason: String) throws {
        let message = try #require(complaint("# first\n\n\(line)\nEVRELAY_MAX_VIEWERS=1\n"))
        #expect(message.hasPrefix("wrong line: /etc/e.conf, line 3: "), "\(message)")
        #expect(message.contains(reason), "\(message)")
    }

    @Test func `an unknown name is refused with its line`() {
        #expect(
            complaint("\nEVRELAY_THREDS=\n")
                == "unknown setting: EVRELAY_THREDS in /etc/e.conf, line 2; accepted: those that 'evrelay --help' lists"
        )
        #expect(complaint("PATH=/bin")?.hasPrefix("unknown setting: PATH in ") == true)
        #expect(complaint("evrelay_threads=1")?.hasPrefix("unknown setting: evrelay_threads in ") == true)
        #expect(complaint("EVRELAY_SERVICE_HOST=1")?.hasPrefix("unknown setting: ") == true)
    }

    @Test func `a name that stands twice is refused with both lines`() {
        #expect(
            complaint("EVRELAY_THREADS=1\n\nEVRELAY_THREADS=1\n")
                == "wrong line: /etc/e.conf, line 3: EVRELAY_THREADS is already set in line 1")
    }

    @Test func `a file is text`() {
        #expect(complaint([0])?.contains("is not text") == true)
        #expect(complaint(Array("EVRELAY_THREADS=1\n#\0\n".utf8))?.contains("is not text") == true)
        #expect(complaint([0x23, 0xFF])?.contains("is not text") == true)
    }

    @Test func `a file has at most 64 KiB and 1000 lines`() {
        let full = "#" + String(repeating: "x", count: (64 << 10) - 1)
        #expect(complaint(full) == nil)
        #expect(
            complaint(full + "x")
                == "unusable configuration file: /etc/e.conf: has 65537 bytes; accepted: at most 65536")
        #expect(complaint(String(repeating: "\n", count: 1000)) == nil)
        #expect(complaint(String(repeating: "\n", count: 999) + "#") == nil)
        #expect(complaint(String(repeating: "\n", count: 1000) + "#")?.contains("has 1001 lines") == true)
    }

    @Test func `only a file that cannot be used is a matter of configuration, the rest of usage`() {
        #expect(ConfigurationError.unusableFile(path: "", reason: "").exitStatus == 78)
        #expect(ConfigurationError.wrongLine(path: "", number: 1, reason: "").exitStatus == 64)
        #expect(ConfigurationError.unknownName(.variable("")).exitStatus == 64)
        #expect(ConfigurationError.conflict("", "", rule: "").exitStatus == 64)
    }
}
