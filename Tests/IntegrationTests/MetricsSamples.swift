// SPDX-License-Identifier: MIT
import TestSupport

/// The samples of `/metrics` at one moment, by name and labels as written.
struct MetricsSamples {
    private var values: [String: Double] = [:]

    /// Creates it from a page. Every line must be a comment or a sample, and no sample may occur twice.
    init(_ answer: TestResponse) throws {
        guard answer.status == 200, answer.body.last == 0x0A else { throw WaitError("metrics, not \(answer.text)") }
        for line in answer.text.split(separator: "\n") where !line.hasPrefix("# ") {
            guard let space = line.lastIndex(of: " "), let value = Double(line[line.index(after: space)...]),
                values.updateValue(value, forKey: String(line[..<space])) == nil
            else { throw WaitError("a sample, not \"\(line)\"") }
        }
    }

    /// The value of a sample; 0 if there is none, such as for a reason that has not occurred.
    subscript(_ sample: String) -> Double { values[sample] ?? 0 }

    /// Returns the sum over all labels.
    func sum(_ name: String) -> Double {
        values.reduce(0) { $0 + ($1.key.hasPrefix("\(name){") ? $1.value : 0) }
    }
}

extension RunningRelay {
    /// Returns the current metrics.
    func metrics() throws -> MetricsSamples { try MetricsSamples(request("GET", "/metrics")) }

    /// Waits until a sample has this value.
    func wait(for sample: String, _ value: Double) throws {
        var last = 0.0
        do {
            try eventually(sample) {
                last = try metrics()[sample]
                return last == value
            }
        } catch is WaitError {
            throw WaitError("\(sample) \(value), but it is \(last)")
        }
    }
}
