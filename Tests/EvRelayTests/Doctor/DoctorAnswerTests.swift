// SPDX-License-Identifier: MIT
import TestSupport
import Testing

@testable import EvRelay

@Suite struct DoctorAnswerTests {
    private func answer(
        _ url: String = "https://cam.example.org/", in language: DoctorLanguage = .english,
        _ spoil: (inout DoctorMeasurements) -> Void = { _ in }
    ) throws -> JSONValue {
        var all = try goodPageMeasurements(url)
        spoil(&all)
        return try JSONValue(parsing: DoctorAnswer(to: all, in: language).json())
    }

    private func check(_ name: String, in answer: JSONValue) throws -> JSONValue {
        try #require(answer["checks"]?.elements?.first { $0["check"]?.string == name })
    }

    @Test func `an answer names its language, and has each check with title and sentence`() throws {
        let answer = try answer(in: .russian)
        #expect(answer.names == ["language", "open", "changes", "level", "summary", "checks"])
        #expect(answer["language"]?.string == "ru" && answer["summary"]?.string == "Всё в порядке")
        #expect(answer["open"]?.int == 0 && answer["changes"]?.int == 0 && answer["level"]?.string == "ok")
        #expect(answer["checks"]?.elements?.count == 16)
        let reach = try check("reach", in: answer)
        #expect(reach.names == ["check", "title", "level", "text", "reported", "same_as", "advice", "remedy"])
        #expect(reach["title"]?.string == "Сервер" && reach["level"]?.string == "ok")
        #expect(reach["text"]?.string == "Сервер отвечает за 20 мс (версия 1.2.3).")
        #expect(reach["advice"] == .null && reach["same_as"] == .null && reach["remedy"]?.elements?.isEmpty == true)
    }

    @Test func `a check that is open has nothing but its title`() throws {
        let answer = try answer { all in (all.body, all.largeUpload) = (nil, nil) }
        #expect(answer["open"]?.int == 2)
        let body = try check("body", in: answer)
        #expect(body["title"]?.string == "Large frames")
        for name in ["level", "text", "reported", "advice", "same_as"] { #expect(body[name] == .null) }
    }

    @Test func `one remedy for several checks is one thing to change, and the later ones name the first`() throws {
        let answer = try answer("https://cam.example.org/cam/") { all in
            all.small?.head = .milliseconds(200)
            all.large?.delays = Array(repeating: .milliseconds(200), count: 8)
        }
        #expect(answer["changes"]?.int == 1 && answer["level"]?.string == "bad")
        #expect(answer["summary"]?.string == "1 thing to change")
        let head = try check("head", in: answer)
        #expect(head["level"]?.string == "warn" && head["same_as"] == .null)
        #expect(
            head["remedy"]?.elements?.first?["lines"]?.string
                == "# location /cam/ { … }\nproxy_buffering off;\nproxy_cache off;\ngzip off;")
        #expect(head["remedy"]?.elements?.map { $0["program"]?.string } == ["nginx", "Caddy"])
        let large = try check("large", in: answer)
        #expect(large["same_as"]?.string == "head" && large["remedy"]?.elements?.isEmpty == true)
        #expect(large["advice"]?.string == "The lines under “Beginning of a stream” help here too.")
    }

    @Test func `a report has not the visitor's address`() throws {
        let proxy = try check("proxy", in: try answer())
        #expect(
            proxy["text"]?.string
                == "A trusted proxy (127.0.0.1) is in between; the relay sees this device as 198.51.100.4.")
        #expect(
            proxy["reported"]?.string
                == "A trusted proxy (127.0.0.1) is in between; the relay sees this device as ….")
    }

    @Test func `a shell's lines are called so`() throws {
        let reach = try check("reach", in: try answer { $0.reach = .init(status: 0) })
        #expect(reach["remedy"]?.elements?.first?["program"]?.string == "shell")
        #expect(
            reach["remedy"]?.elements?.first?["lines"]?.string
                == "systemctl status evrelay\njournalctl --unit evrelay --lines 20")
    }

    @Test func `pages without https are offered the relay's own certificate, and keep their path`() throws {
        let secure = try check("secure", in: try answer("http://cam.example/cam/") { $0.device?.isSecure = false })
        let lines = secure["remedy"]?.elements?.compactMap { $0["lines"]?.string } ?? []
        #expect(lines.count == 3 && lines[0].contains("EVRELAY_TLS_SELF_SIGNED=on\n# evrelay --tls-self-signed"))
        #expect(lines[1].hasPrefix("cam.example {\n    handle_path /cam/* {\n        reverse_proxy "))
        #expect(lines[2].contains("server_name cam.example;") && lines[2].contains("# location /cam/ { … }"))
    }

    @Test func `HTTP 1_1 between proxy and relay takes an empty Connection field, too`() throws {
        let old = try check("protocol", in: try answer { $0.reach?.info?.protocol = "HTTP/1.0" })
        #expect(
            old["remedy"]?.elements?.first?["lines"]?.string?.hasSuffix(
                "proxy_http_version 1.1;\nproxy_set_header Connection \"\";") == true)
    }
}
