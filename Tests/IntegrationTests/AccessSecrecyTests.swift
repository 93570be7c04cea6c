// SPDX-License-Identifier: MIT
import LibEvent
import TestSupport
import Testing

@testable import EvRelay

/// No answer and no line of the log shows a key, wherever a client has put it.
@Suite struct AccessSecrecyTests {
    private let fixture = AccessFixture()
    private typealias Keys = AccessFixture

    @Test(arguments: [
        "HEAD /stream/door?fps=5?key=KEY HTTP/1.1", "GET /stream/door?fps=5%26key=KEY HTTP/1.1",
        "GET /stream/door&key=KEY HTTP/1.1", "GET /stream/door%3Fkey=KEY HTTP/1.1",
        "HEAD /?action=stream&camera=a?key=KEY HTTP/1.1",
        "GET /snapshot?after=x#key=KEY HTTP/1.1", "GET /snapshot?after=x%23key=KEY HTTP/1.1",
        "GET /snapshot?key=KEY KEY HTTP/1.1", "GET /snapshot?key=KEY", "GET /snapshot?key=KEY HTTP/2.0",
        "GET /nothing?key=KEY HTTP/1.1", "GET /cameras/garden?key=KEY HTTP/1.1", "BREW /stream?key=KEY HTTP/1.1",
        "DELETE /stream?key=KEY HTTP/1.1", "GET /stream?key=KEY%0 HTTP/1.1", "GET /stream?key=KEY%ff HTTP/1.1",
        "GET http://u:KEY@x/stream HTTP/1.1", "GET stream?key=KEY HTTP/1.1", "HEAD /stream?key=KEY HTTP/1.0",
    ])
    func `not from a target that is wrong`(line: String) throws {
        try fixture.run { (relay) throws in
            let client = try relay.connect()
            try client.send("\(line.replacing("KEY", with: Keys.wrongKey))\r\nHost: relay\r\nConnection: close\r\n\r\n")
            let answer = String(decoding: try client.readToEnd(), as: UTF8.self)
            #expect(answer.hasPrefix("HTTP/1."))
            #expect(!answer.contains(Keys.wrongKey), "\(answer)")
            Keys.expectNoSecrets(relay)
        }
    }

    @Test(arguments: [
        "Authorization: Bearer KEY\u{1}", "Authorization : Bearer KEY", "Authorization Bearer KEY", "Authorization KEY",
        " Authorization: Bearer KEY", "X: y\r\n Bearer KEY", "Authorization: Bearer KEY\r\nX\u{7F}: y", ": Bearer KEY",
        "Authorization: Bearer KEY\r\nAuthorization: Bearer KEY", "Authorization: Other KEY",
        "Authorization: Basic KEY",
        "Origin: https://a.example?key=KEY", "Origin: KEY://", "Authorization: Bearer KEY\nX: y",
    ])
    func `not from a field that is wrong`(field: String) throws {
        try fixture.run(flags: ["private": ["on"]]) { (relay) throws in
            let client = try relay.connect()
            let fields = field.replacing("KEY", with: Keys.wrongKey)
            try client.send("GET /snapshot HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\(fields)\r\n\r\n")
            let answer = String(decoding: try client.readToEnd(), as: UTF8.self)
            #expect(answer.hasPrefix("HTTP/1.1 4"), "\(answer)")
            #expect(!answer.contains(Keys.wrongKey), "\(answer)")
            Keys.expectNoSecrets(relay)
        }
    }

    @Test func `not from requests that are right, at any level of the log`() throws {
        try fixture.run(flags: ["private": ["on"], "max-key-failures": ["3"]]) { (relay) throws in
            let token = try Keys.token([.view, .publish, .observe])
            for key in [Keys.doorKey, token, Keys.wrongKey] {
                for target in [
                    "/", "/watch/door", "/stream/door", "/snapshot/door", "/cameras/door", "/metrics", "/doctor/info",
                ] {
                    for (query, fields) in [("?key=\(key)", []), ("", [Keys.bearer(key)]), ("", [Keys.basic(key)])] {
                        let client = try relay.connect()
                        try client.send(RequestText.head("GET", target + query, fields))
                        let answer = try client.readHead()
                        #expect(!"\(answer)".contains(key), "\(target)")
                        client.close()
                    }
                }
                _ = try relay.connect().request("POST", "/upload/door?key=\(key)", ["Content-Length: 1"])
            }
            Keys.expectNoSecrets(relay, token)
            let page = try relay.request("GET", "/metrics", Keys.bearer(token)).text
            for key in [Keys.doorKey, token, Keys.wrongKey] { #expect(!page.contains(key)) }
        }
    }
}
