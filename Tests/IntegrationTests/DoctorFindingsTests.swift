// SPDX-License-Identifier: MIT
import TestSupport
import Testing

@testable import EvRelay

/// `POST /doctor/findings`: a page's measurements, judged.
@Suite struct DoctorFindingsTests {
    private static let measured = #"{"url":"http://relay.local/","browser":{"lacks":[],"stays_awake":true}}"#

    private static func request(
        _ body: String, _ target: String = "/doctor/findings", _ fields: [String] = []
    ) -> String {
        let head = ["Content-Type: application/json", "Content-Length: \(body.utf8.count)"] + fields
        return RequestText.head("POST", target, head) + body
    }

    @Test func `measurements are answered with findings, on one connection`() throws {
        try withRelay { relay in
            let client = try relay.connect()
            for _ in 0..<2 {
                try client.send(Self.request(Self.measured))
                let answer = try client.readResponse(to: "POST")
                #expect(answer.status == 200)
                #expect(answer.field("content-type") == "application/json; charset=utf-8")
                #expect(answer.field("cache-control") == "no-store")
                let json = try answer.json()
                #expect(json["language"]?.string == "en" && json["open"]?.int == 15)
                let last = json["checks"]?.elements?.last
                #expect(last?["text"]?.string == "The browser has everything that the pages use.")
            }
            try relay.wait(for: "evrelay_doctors", 0)
        }
    }

    @Test func `a body may come byte by byte, and after a 100`() throws {
        try withRelay { relay in
            let client = try relay.connect()
            let text = Self.request(Self.measured, "/doctor/findings", ["Expect: 100-continue"])
            try client.send(String(text.dropLast(Self.measured.count)))
            #expect(try client.readResponse().status == 100)
            for byte in Self.measured.utf8 { try client.send([byte]) }
            #expect(try client.readResponse(to: "POST").status == 200)
        }
    }

    @Test(
        arguments: [
            ("?lang=ru", [], "ru"), ("", ["Accept-Language: de, en;q=0.5, ru;q=0.8"], "ru"),
            ("?lang=en", ["Accept-Language: ru"], "en"), ("?lang=xx", [], "en"),
        ] as [(String, [String], String)])
    func `the language is the one asked for, or else the browser's`(
        query: String, fields: [String], language: String
    ) throws {
        try withRelay { relay in
            let client = try relay.connect()
            try client.send(Self.request(Self.measured, "/doctor/findings\(query)", fields))
            #expect(try client.readResponse(to: "POST").json()["language"]?.string == language)
        }
    }

    @Test(arguments: ["", "{}", "[1]", #"{"url":"http://a/","reach":7}"#])
    func `what cannot be read is refused, and the connection goes on`(body: String) throws {
        try withRelay { relay in
            let client = try relay.connect()
            try client.send(Self.request(body))
            let answer = try client.readResponse(to: "POST")
            #expect(answer.status == 400 && answer.reason == "bad-request")
            #expect(try client.request("GET", "/healthz").status == 200)
            try relay.wait(for: "evrelay_refusals_total{reason=\"bad-request\"}", 1)
        }
    }

    @Test(arguments: [
        (["Content-Type: application/json", "Content-Length: 16385"], 413, "body-too-large"),
        (["Content-Type: text/plain", "Content-Length: 1"], 415, "unsupported-type"),
        (["Content-Length: 1"], 415, "unsupported-type"),
        (["Content-Type: application/json", "Transfer-Encoding: chunked"], 411, "length-required"),
        (["Content-Type: application/json"], 411, "length-required"),
    ])
    func `other bodies are refused before they come`(fields: [String], status: Int, reason: String) throws {
        try withRelay { relay in
            let client = try relay.connect()
            try client.send(RequestText.head("POST", "/doctor/findings", fields))
            let answer = try client.readResponse(to: "POST")
            #expect(answer.status == status && answer.reason == reason)
            #expect(try client.readToEnd() == [])
        }
    }

    @Test func `a body of the largest size is read`() throws {
        try withRelay { relay in
            let client = try relay.connect()
            let blanks = String(repeating: " ", count: DoctorMeasurements.maxJSONBytes - Self.measured.utf8.count)
            try client.send(Self.request(Self.measured + blanks))
            #expect(try client.readResponse(to: "POST").status == 200)
        }
    }

    @Test func `who asks counts among the doctors, and must not be slow`() throws {
        try withRelay({
            $0.limits.maxDoctors = 1
            $0.timeouts.body = .milliseconds(300)
        }) { relay in
            let slow = try relay.connect()
            try slow.send(String(Self.request(Self.measured).dropLast()))
            try relay.wait(for: "evrelay_doctors", 1)
            let second = try relay.connect()
            try second.send(Self.request(Self.measured))
            #expect(try second.readResponse(to: "POST").reason == "doctors-full")
            let answer = try slow.readResponse(to: "POST")
            #expect(answer.status == 408 && answer.reason == "too-slow")
            try relay.wait(for: "evrelay_doctors", 0)
        }
    }

    @Test func `a page that the relay takes for a foreign one learns of it`() throws {
        try withRelay { relay in
            let client = try relay.connect()
            try client.send(Self.request(Self.measured, "/doctor/findings", ["Origin: https://cam.example"]))
            let answer = try client.readResponse(to: "POST")
            #expect(answer.status == 200 && answer.field("access-control-allow-origin") == nil)
        }
    }

    @Test func `no right is needed, and no key looked at`() throws {
        try withRelay { relay in
            let client = try relay.connect()
            try client.send(Self.request(Self.measured, "/doctor/findings", ["Authorization: Bearer wrong"]))
            #expect(try client.readResponse(to: "POST").status == 200)
        }
    }
}
