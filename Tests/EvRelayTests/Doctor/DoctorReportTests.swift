// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@testable import EvRelay

@Suite struct DoctorReportTests {
    private func target(_ url: String = "https://example.org/cam/") throws -> DoctorTarget {
        try DoctorTarget(parsing: url)
    }

    @Test func `a finding is a line, its advice and the lines that help stand below it`() throws {
        var report = DoctorReport(in: .english, about: try target())
        let good = Finding.ok(.partsFine, ["size": .size(64), "ms": .milliseconds(.microseconds(2_600))])
        #expect(report.lines(good, info: nil) == "ok   Parts of 64 bytes arrive one by one, 3 ms late at most.\n")
        let bad = Finding.bad(.bodyLimited, ["size": .size(5 << 20)], .bodyAdvice, .body)
        #expect(
            report.lines(bad, info: nil) == """
                bad  A proxy refuses 5 MiB in one piece (status 413, not from the relay).
                     Lift the proxy's limit; the relay has its own (--max-frame-bytes):
                       nginx:
                         # location /cam/ { … }
                         client_max_body_size 0;
                         proxy_request_buffering off;
                       Caddy:
                         # no request_body { max_size … }
                         handle_path /cam/* {
                             reverse_proxy 127.0.0.1:30333
                         }

                """)
        #expect(report.lines(bad, info: nil).hasSuffix(").\n     What is said further up helps here too.\n"))
        let other = Finding.bad(.bodyLost, ["size": .size(1)], .uploadRefusedAdvice, .body)
        #expect(report.lines(other, info: nil).hasSuffix("unchanged:\n     (The lines are those further up.)\n"))
    }

    @Test func `the same in Russian`() throws {
        var report = DoctorReport(in: .russian, about: try target())
        let finding = Finding.warn(.partsUneven, ["size": .size(16_384), "ms": .number(180)], .partsUnevenAdvice)
        #expect(
            report.lines(finding, info: nil) == """
                warn Части по 16 КиБ приходят по одной, но иногда опаздывают на 180 мс.
                     Обычно дело в сети: измерьте снова ближе к точке доступа или по кабелю.

                """)
    }

    @Test func `the summary counts what is to change, the same lines once`() throws {
        let report = DoctorReport(in: .russian, about: try target())
        let buffered = Finding.warn(.headHeld, ["ms": .number(1)], .bufferingAdvice, .buffering)
        let slow = Finding.warn(.reachSlow, [:], .reachSlowAdvice)
        let note = Finding(level: .note, say: .publishingNo)
        #expect(report.summary([.ok(.secureFine), note]) == "Всё в порядке.\n")
        #expect(report.summary([buffered, buffered]) == "Нужно исправить: 1 пункт.\n")
        #expect(report.summary([buffered, slow, note]) == "Нужно исправить: 2 пункта.\n")
    }

    @Test func `each remedy has lines, for a relay in the root and for one below it`() throws {
        for remedy in Remedy.allCases {
            for url in ["https://example.org/", "https://example.org/cam/"] {
                let lines = remedy.lines(for: try target(url), info: nil)
                #expect(!lines.isEmpty && lines.allSatisfy { !$0.lines.isEmpty }, "\(remedy)")
            }
        }
        let below = Remedy.location.lines(for: try target(), info: nil)
        #expect(below.first?.lines.first == "location /cam/ {")
        #expect(below.last?.lines == ["handle_path /cam/* {", "    reverse_proxy 127.0.0.1:30333", "}"])
        #expect(
            Remedy.location.lines(for: try target("https://a/"), info: nil).last?.lines
                == ["reverse_proxy 127.0.0.1:30333"])
    }

    @Test func `a day is written so that it sorts, also where a certificate never ends`() {
        #expect(DoctorReport.date(1_700_000_000) == "2023-11-14")
        #expect(DoctorReport.date(-1) == "1970-01-01")
        #expect(DoctorReport.date(.max) == "9999-12-31")
    }

    @Test func `what a server says does not steer the terminal`() throws {
        let text = JSONText.object { json in
            json.member("server", "6f33b95ed5671369")
            json.member("version", "\u{1B}[2J")
            json.member("max_frame_bytes", 1)
        }
        #expect(RelayInfo(try JSONObject.parse(text.span, maxDepth: 2))?.version == "\\u{1b}[2J")
    }
}
