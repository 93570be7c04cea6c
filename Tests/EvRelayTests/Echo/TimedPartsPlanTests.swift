// SPDX-License-Identifier: MIT
import Testing

@testable import EvRelay

@Suite struct TimedPartsPlanTests {
    @Test func `what is not said has a value that suits`() throws {
        let plan = try TimedParts.Plan(query("x"))
        #expect(plan.parts == 8)
        #expect(plan.interval == .milliseconds(250))
        #expect(plan.bytes == 64)
    }

    @Test(arguments: [
        ("parts=1&interval=50&bytes=64", 1, 50, 64), ("parts=40&interval=1000&bytes=65536", 40, 1000, 65_536),
    ])
    func `the ends of the ranges are accepted`(_ text: String, _ parts: Int, _ interval: Int, _ bytes: Int) throws {
        let plan = try TimedParts.Plan(query(text))
        #expect(plan.parts == parts)
        #expect(plan.interval == .milliseconds(interval))
        #expect(plan.bytes == bytes)
    }

    @Test(arguments: [
        "parts=0", "parts=41", "parts=", "parts=x", "parts=-1", "interval=49", "interval=1001", "interval=0.5",
        "bytes=63", "bytes=65537", "bytes=99999999999999999999",
    ])
    func `what lies outside is refused with its name`(_ text: String) throws {
        let error = try #require(throws: ParameterError.self) { try TimedParts.Plan(query(text)) }
        #expect(text.hasPrefix("\(error.name)="))
        #expect(Refusal(error).status == 400)
    }

    @Test func `every line fits into the smallest size`() {
        #expect(#"{"part":40,"time_us":9999999999999999}"#.utf8.count < 64)
    }

    @Test func `the head is that of a stream`() {
        let fields = TimedParts.headers(isChunked: true).map { "\($0.name): \($0.value)" }
        #expect(fields.contains("Content-Type: application/octet-stream"))
        #expect(fields.contains("X-Accel-Buffering: no"))
        #expect(fields.contains { $0.hasPrefix("Cache-Control: no-store") })
        #expect(fields.last == "Transfer-Encoding: chunked")
        #expect(TimedParts.headers(isChunked: false).count == fields.count - 1)
    }
}
