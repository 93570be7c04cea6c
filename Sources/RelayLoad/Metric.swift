// SPDX-License-Identifier: MIT

/// One measured number: its name for programs and its text for people.
struct Metric {
    /// The key in the JSON line, with its unit, e.g. `p99_ms`.
    let key: String
    let label: String
    /// The number; nil where nothing was measured, which is `null` in JSON.
    let value: Double?
    let decimals: Int

    init(_ key: String, _ label: String, _ value: Double?, decimals: Int = 2) {
        self.key = key
        self.label = label
        self.value = value
        self.decimals = decimals
    }

    init(_ key: String, _ label: String, _ value: Int?) {
        self.init(key, label, value.map(Double.init), decimals: 0)
    }

    init(_ key: String, _ label: String, milliseconds value: Duration?) {
        self.init(key, label, value.map { $0 / .milliseconds(1) })
    }

    /// The number in decimal digits, or `null` if there is none.
    var text: String {
        guard let value, value.isFinite else { return "null" }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = (value.magnitude * scale).rounded()
        guard scaled < 1e15 else { return "null" }
        let whole = Int(scaled / scale)
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard decimals > 0 else { return "\(sign)\(whole)" }
        let digits = String(Int(scaled) - whole * Int(scale))
        return "\(sign)\(whole).\(String(repeating: "0", count: decimals - digits.count))\(digits)"
    }

    /// Returns all metrics as one JSON object on one line.
    static func json(_ metrics: [Metric]) -> String {
        "{" + metrics.map { "\"\($0.key)\":\($0.text)" }.joined(separator: ",") + "}"
    }

    /// Returns the measured metrics as a table, one a line.
    static func table(_ metrics: [Metric]) -> String {
        let measured = metrics.filter { $0.value != nil }
        let width = measured.map(\.label.count).max() ?? 0
        let numbers = measured.map(\.text.count).max() ?? 0
        return measured.map { metric in
            let gap = String(repeating: " ", count: width - metric.label.count + 2)
            let indent = String(repeating: " ", count: numbers - metric.text.count)
            return metric.label + gap + indent + metric.text + "\n"
        }.joined()
    }
}
