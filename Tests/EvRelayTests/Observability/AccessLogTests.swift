// SPDX-License-Identifier: MIT
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
        var log = AccessLog()
        log.note(try Self.answered(), client: nil, to: lines.logger(.info), now: moment(0))
        #expect(
            lines.all == [
                "<6>request bytes=1234 duration.ms=12 method=GET path=/watch/door peer=192.0.2.7 status=200"
            ])
    }

    @Test func `behind a proxy the client is told beside the peer`() throws {
        var log = AccessLog()
        log.note(try Self.answered(), client: "2001:db8::1", to: lines.logger(.info), now: moment(0))
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
        var log = AccessLog()
        log.note(try Self.answered("GET \(path) HTTP/1.1"), client: nil, to: lines.logger(.info), now: moment(0))
        #expect(lines.all.count == (level == .info ? 1 : 0))
        log.note(try Self.answered("GET \(path) HTTP/1.1"), client: nil, to: lines.logger(.debug), now: moment(0))
        #expect(lines.all.last?.hasPrefix(level == .info ? "<6>request" : "<7>request") == true)
    }

    @Test func `refusals have lines of their own`() throws {
        var log = AccessLog()
        for status in [400, 404, 429, 500, 503] {
            log.note(try Self.answered(status: status), client: nil, to: lines.logger(.debug), now: moment(0))
        }
        let nobody = AnsweredRequest(
            head: nil, peer: .unixSocket, status: 200, bodyBytes: 0, duration: .zero)
        log.note(nobody, client: nil, to: lines.logger(.debug), now: moment(0))
        #expect(lines.all == [])
        for status in [200, 204, 302, 304] {
            log.note(try Self.answered(status: status), client: nil, to: lines.logger(.info), now: moment(0))
        }
        #expect(lines.all.count == 4)
    }

    @Test func `of many requests in a moment a hundred have a line, the others are counted in the next one`() throws {
        var log = AccessLog()
        let request = try Self.answered()
        for _ in 0..<150 { log.note(request, client: nil, to: lines.logger(.info), now: moment(0)) }
        #expect(lines.all.count == 100)
        #expect(!lines.all.contains { $0.contains("more=") })
        log.note(request, client: nil, to: lines.logger(.info), now: moment(0.049))
        #expect(lines.all.count == 100)
        log.note(request, client: nil, to: lines.logger(.info), now: moment(0.051))
        #expect(lines.all.count == 101)
        #expect(lines.all.last?.contains(" more=51 ") == true)
        log.note(request, client: nil, to: lines.logger(.info), now: moment(0.2))
        #expect(lines.all.last?.contains("more=") == false)
    }

    @Test func `twenty lines a second can be had for ever, and no more than a hundred after a rest`() throws {
        var log = AccessLog()
        let request = try Self.answered()
        let logger = lines.logger(.info)
        for _ in 0..<200 { log.note(request, client: nil, to: logger, now: moment(0)) }
        #expect(lines.all.count == 100)
        for tick in 1...1000 { log.note(request, client: nil, to: logger, now: moment(Double(tick) / 100)) }
        #expect((299...301).contains(lines.all.count), "\(lines.all.count)")
        let before = lines.all.count
        for _ in 0..<200 { log.note(request, client: nil, to: logger, now: moment(10_000)) }
        #expect(lines.all.count == before + 100)
    }

    @Test func `who asks for more gets every line`() throws {
        var log = AccessLog()
        let request = try Self.answered("GET /healthz HTTP/1.1")
        for _ in 0..<500 { log.note(request, client: nil, to: lines.logger(.debug), now: moment(0)) }
        #expect(lines.all.count == 500)
    }
}
