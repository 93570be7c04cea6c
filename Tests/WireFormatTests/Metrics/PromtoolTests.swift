// SPDX-License-Identifier: MIT
import Foundation
import Testing
import WireFormat

/// The exposition, checked by Prometheus' own tool.
@Suite struct PromtoolTests {
    private func promtool(_ exposition: [UInt8]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["promtool", "check", "metrics"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(exposition))
        try input.fileHandleForWriting.close()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: said, as: UTF8.self))
    }

    @Test func `promtool has nothing to say about odd labels, odd numbers and a histogram`() throws {
        let exposition = MetricsText.text { metrics in
            metrics.gauge("evrelay_frame_memory_bytes", help: "Memory with a \\ and a\nline feed.", 1.5e-7)
            metrics.gauges("evrelay_camera_up", help: "One if live.") { samples in
                for camera in ["door", "a\"b", "a\\b", "a\nb", "дверь 🚪", "", "{}=,"] {
                    samples.sample(1, ["camera": camera])
                }
                samples.sample(.nan, ["camera": "n"])
                samples.sample(.infinity, ["camera": "i"])
            }
            metrics.counters("evrelay_refusals_total", help: "None so far.") { _ in }
            metrics.counters("evrelay_responses_total", help: "Responses.") { $0.sample(UInt64.max, ["code": "200"]) }
            metrics.histogram(
                "evrelay_loop_lag_seconds", help: "Lag.", bounds: [0.000_01, 0.001, 1], counts: [1, 2, 3, 4], sum: 9.5)
        }
        let (status, output) = try promtool(exposition)
        #expect(status == 0)
        #expect(output == "")
    }

    @Test func `promtool does object to what is wrong`() throws {
        #expect(try promtool(Array("a{b=\"c} 1\n".utf8)).status != 0)
    }
}
