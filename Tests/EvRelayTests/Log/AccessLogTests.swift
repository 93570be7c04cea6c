// SPDX-License-Identifier: MIT
import TestSupport
import Logging
import Testing
import WireFormat

@testable import EvRelay
@testable import LibEvent

@Suite struct AccessLogTests {
    private let lines = LogLines()

    private static func answered(
        _ line: String = "GET /watch/door?x=1 HTTP/1.1", status: Int = 200, bodyBytes: Int = 1234,
        duration: Duration = .microseconds(12_999)
    ) throws -> AnsweredRequest {
        AnsweredRequest(
            head: try head(line, "Host: x"), peer: try #require(PeerAddress(host: "192.0.2.7")), status: status,
            bodyBytes: bodyBytes, duration: duration)
    }

    @Test func `a line says what was asked, by whom, and what came of it`() throws {
        AccessLog.note(try Self.answered(), client: nil, to: VisitorLog(lines.logger(.info)), now: moment(0))
        #expect(
            lines.all == [
                "<6>request bytes=1234 duration.ms=12 method=GET path=/watch/door peer=192.0.2.7 status=200"
            ])
    }

    @Test func `behind a proxy the client is told beside the peer`() throws {
        AccessLog.note(try Self.answered(), client: "2001:db8::1", to: VisitorLog(lines.logger(.info)), now: moment(0))
        #expect(lines.all.first?.contains(" client=2001:db8::1 ") == true)
        #expect(lines.all.first?.contains(" peer=192.0.2.7 ") == true)
    }

    @Test(
        arguments: [
            ("/", .info), ("/camera", .info), ("/watch", .info), ("/watch/door", .info), ("/doctor", .info),
            ("/upload", .debug), ("/upload/door", .debug), ("/snapshot", .debug), ("/snapshot/door.jpg", .debug),
            ("/cameras", .debug), ("/cameras/door", .debug), ("/healthz", .debug), ("/readyz", .debug),
            ("/metrics", .debug), ("/doctor/info", .debug), ("/doctor/echo", .debug), ("/watchdog", .debug),
        ] as [(String, Logger.Level)])
    func `what comes once per frame or is polled is told to who asks for more`(
        _ path: String, _ level: Logger.Level
    ) throws {
        #expect(AccessLog.level(path: path) == level)
        AccessLog.note(
            try Self.answered("GET \(path) HTTP/1.1"), client: nil, to: VisitorLog(lines.logger(.info)), now: moment(0))
        #expect(lines.all.count == (level == .info ? 1 : 0))
        AccessLog.note(
            try Self.answered("GET \(path) HTTP/1.1"), client: nil, to: VisitorLog(lines.logger(.debug)), now: moment(0)
        )
        #expect(lines.all.last?.hasPrefix(level == .info ? "<6>request" : "<7>request") == true)
    }

    @Test func `refusals have lines of their own`() throws {
        for status in [400, 404, 429, 500, 503] {
            AccessLog.note(
                try Self.answered(status: status), client: nil, to: VisitorLog(lines.logger(.debug)), now: moment(0))
        }
        let nobody = AnsweredRequest(
            head: nil, peer: .unixSocket, status: 200, bodyBytes: 0, duration: .zero)
        AccessLog.note(nobody, client: nil, to: VisitorLog(lines.logger(.debug)), now: moment(0))
        #expect(lines.all == [])
        for status in [200, 204, 302, 304] {
            AccessLog.note(
                try Self.answered(status: status), client: nil, to: VisitorLog(lines.logger(.info)), now: moment(0))
        }
        #expect(lines.all.count == 4)
    }

    @Test func `of many requests in a moment some have a line, the others are counted in the next one`() throws {
        let request = try Self.answered()
        let log = VisitorLog(lines.logger(.info))
        for _ in 0..<200 { AccessLog.note(request, client: nil, to: log, now: moment(0)) }
        #expect(lines.all.count == 150)
        #expect(!lines.all.contains { $0.contains("more=") })
        AccessLog.note(request, client: nil, to: log, now: moment(0.051))
        #expect(lines.all.last?.contains(" more=50 ") == true)
        AccessLog.note(request, client: nil, to: log, now: moment(0.2))
        #expect(lines.all.last?.contains("more=") == false)
    }

    @Test func `who asks for more gets every line`() throws {
        let request = try Self.answered("GET /healthz HTTP/1.1")
        let log = VisitorLog(lines.logger(.debug))
        for _ in 0..<500 { AccessLog.note(request, client: nil, to: log, now: moment(0)) }
        #expect(lines.all.count == 500)
    }
}
