// SPDX-License-Identifier: MIT
import Testing

@testable import RelayLoad

struct MetricTests {
    @Test(arguments: [
        (1.005, 1, "1.0"), (0.05, 1, "0.1"), (12.3456, 2, "12.35"), (0.0004, 4, "0.0004"), (9.999, 2, "10.00"),
        (-1.26, 1, "-1.3"), (-0.001, 1, "0.0"), (7, 0, "7"), (.infinity, 2, "null"), (.nan, 2, "null"),
    ])
    func `numbers are rounded to their decimals`(value: Double, decimals: Int, text: String) {
        #expect(Metric("k", "l", value, decimals: decimals).text == text)
    }

    @Test func `what was not measured is null in JSON and absent in the table`() {
        let metrics = [
            Metric("a", "first", 1), Metric("b", "second", Int?.none),
            Metric("c_ms", "third", milliseconds: .seconds(2)),
        ]
        #expect(Metric.json(metrics) == #"{"a":1,"b":null,"c_ms":2000.00}"#)
        #expect(Metric.table(metrics) == "first        1\nthird  2000.00\n")
    }
}
