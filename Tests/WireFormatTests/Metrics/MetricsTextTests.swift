// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@Suite struct MetricsTextTests {
    private func text(_ families: (inout MetricsText) -> Void) -> String {
        String(decoding: MetricsText.text(families), as: UTF8.self)
    }

    @Test func `a family has its help and type once and its samples behind them`() {
        let exposition = text {
            $0.gauges("evrelay_cameras", help: "Cameras by state.") {
                $0.sample(3, ["state": "live"])
                $0.sample(0, ["state": "stale"])
            }
            $0.counter("evrelay_frames_sent_total", help: "Frames.", UInt64.max)
        }
        #expect(
            exposition == """
                # HELP evrelay_cameras Cameras by state.
                # TYPE evrelay_cameras gauge
                evrelay_cameras{state="live"} 3
                evrelay_cameras{state="stale"} 0
                # HELP evrelay_frames_sent_total Frames.
                # TYPE evrelay_frames_sent_total counter
                evrelay_frames_sent_total 18446744073709551615

                """)
    }

    @Test func `a family without samples says what it is`() {
        let exposition = text { $0.counters("a_total", help: "None yet.") { _ in } }
        #expect(exposition == "# HELP a_total None yet.\n# TYPE a_total counter\n")
        #expect(text { _ in } == "")
    }

    @Test(arguments: [
        ("\\", #"\\"#, #"\\"#), ("\"", #"\""#, "\""), ("\n", #"\n"#, #"\n"#), ("дверь 🚪", "дверь 🚪", "дверь 🚪"),
        ("a\r{}=,#", "a\r{}=,#", "a\r{}=,#"), ("", "", ""),
    ])
    func `labels and help texts are escaped`(value: String, label: String, help: String) {
        let exposition = text { $0.gauges("a", help: value) { $0.sample(1, ["b": value, "c": "d"]) } }
        #expect(exposition == "# HELP a \(help)\n# TYPE a gauge\na{b=\"\(label)\",c=\"d\"} 1\n")
    }

    @Test(arguments: [
        (0.0, "0"), (-0.0, "0"), (8, "8"), (-8, "-8"), (0.1, "0.1"), (1.5, "1.5"), (0.000001, "1e-06"),
        (1e300, "1e+300"),
        (9_007_199_254_740_991, "9007199254740991"), (9_007_199_254_740_992, "9007199254740992.0"),
        (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (.leastNonzeroMagnitude, "5e-324"),
    ])
    func `floating point numbers read back as the same number`(value: Double, written: String) {
        #expect(text { $0.gauge("a", help: "b", value) } == "# HELP a b\n# TYPE a gauge\na \(written)\n")
        #expect(text { $0.counter("a", help: "b", value) } == "# HELP a b\n# TYPE a counter\na \(written)\n")
    }

    @Test func `integers at their ends`() {
        #expect(text { $0.gauge("a", help: "b", Int64.min) }.hasSuffix("a -9223372036854775808\n"))
        #expect(text { $0.gauge("a", help: "b", UInt8.max) }.hasSuffix("a 255\n"))
    }

    @Test func `a histogram's buckets add up and end at infinity`() {
        let exposition = text {
            $0.histogram("a_seconds", help: "b", bounds: [0.001, 0.5, 2], counts: [5, 0, 2, 1], sum: 7.25)
        }
        #expect(
            exposition == """
                # HELP a_seconds b
                # TYPE a_seconds histogram
                a_seconds_bucket{le="0.001"} 5
                a_seconds_bucket{le="0.5"} 5
                a_seconds_bucket{le="2"} 7
                a_seconds_bucket{le="+Inf"} 8
                a_seconds_sum 7.25
                a_seconds_count 8

                """)
    }

    @Test func `a histogram without observations has all its buckets`() {
        let exposition = text { $0.histogram("a", help: "b", bounds: [1], counts: [], sum: 0) }
        #expect(exposition.hasSuffix("a_bucket{le=\"1\"} 0\na_bucket{le=\"+Inf\"} 0\na_sum 0\na_count 0\n"))
    }
}
