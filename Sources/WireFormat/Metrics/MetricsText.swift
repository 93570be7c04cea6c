// SPDX-License-Identifier: MIT

/// Writes metrics in Prometheus' text exposition format 0.0.4, directly into bytes. One call writes a whole family, so
/// its HELP and TYPE appear once and its samples stay together.
///
///     MetricsText.text { metrics in
///         metrics.gauge("evrelay_viewers", help: "Viewers connected.", 12)
///         metrics.counters("evrelay_responses_total", help: "Responses.") { $0.sample(7, ["code": "200"]) }
///     }
public struct MetricsText: Sendable {
    /// The Content-Type of the text.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private var bytes: [UInt8] = []

    private init() {}

    /// Returns a whole exposition.
    public static func text(_ families: (inout MetricsText) -> Void) -> [UInt8] {
        var metrics = MetricsText()
        metrics.bytes.reserveCapacity(16_384)
        families(&metrics)
        return metrics.bytes
    }

    /// Writes a gauge with one sample that has no labels.
    public mutating func gauge(_ name: String, help: String, _ value: some BinaryInteger) {
        gauges(name, help: help) { $0.sample(value) }
    }

    /// Writes a gauge with one sample that has no labels.
    public mutating func gauge(_ name: String, help: String, _ value: Double) {
        gauges(name, help: help) { $0.sample(value) }
    }

    /// Writes a gauge whose samples differ in their labels. It may have none.
    public mutating func gauges(_ name: String, help: String, _ samples: (inout MetricSamples) -> Void) {
        family(name, kind: "gauge", help: help, samples)
    }

    /// Writes a counter with one sample that has no labels. Its name ends in `_total`.
    public mutating func counter(_ name: String, help: String, _ value: some BinaryInteger) {
        counters(name, help: help) { $0.sample(value) }
    }

    /// Writes a counter with one sample that has no labels. Its name ends in `_total`.
    public mutating func counter(_ name: String, help: String, _ value: Double) {
        counters(name, help: help) { $0.sample(value) }
    }

    /// Writes a counter whose samples differ in their labels. It may have none. Its name ends in `_total`.
    public mutating func counters(_ name: String, help: String, _ samples: (inout MetricSamples) -> Void) {
        family(name, kind: "counter", help: help, samples)
    }

    /// Writes a histogram without labels.
    ///
    /// - Parameters:
    ///   - bounds: the upper ends of the buckets, ascending and finite, in the unit that ends the name.
    ///   - counts: the observations in each bucket (not cumulative), and last those above all bounds: one more than
    ///     `bounds`. A missing count is zero.
    ///   - sum: the sum of all observed values.
    public mutating func histogram(_ name: String, help: String, bounds: [Double], counts: [UInt64], sum: Double) {
        family(name, kind: "histogram", help: help) { samples in
            var total: UInt64 = 0
            for (index, bound) in (bounds + [.infinity]).enumerated() {
                if counts.indices.contains(index) { total &+= counts[index] }
                samples.write("_bucket", ["le": MetricSamples.number(bound)], String(total))
            }
            samples.write("_sum", [:], MetricSamples.number(sum))
            samples.write("_count", [:], String(total))
        }
    }

    private mutating func family(
        _ name: String, kind: String, help: String, _ samples: (inout MetricSamples) -> Void
    ) {
        bytes.append("# HELP \(name) ")
        bytes.appendEscaped(help, escapesQuote: false)
        bytes.append("\n# TYPE \(name) \(kind)\n")
        // The bytes move to the writer and back, so that they are never copied.
        var writer = MetricSamples(name: name, bytes: bytes)
        bytes = []
        samples(&writer)
        bytes = writer.bytes
    }
}

/// Writes the samples of one metric family.
public struct MetricSamples: Sendable {
    private let name: String
    fileprivate private(set) var bytes: [UInt8]

    fileprivate init(name: String, bytes: consuming [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    /// Writes a sample that is an integer.
    public mutating func sample(_ value: some BinaryInteger, _ labels: KeyValuePairs<String, String> = [:]) {
        write("", labels, String(value))
    }

    /// Writes a sample that is a floating point number; one that is not finite becomes `+Inf`, `-Inf` or `NaN`.
    public mutating func sample(_ value: Double, _ labels: KeyValuePairs<String, String> = [:]) {
        write("", labels, Self.number(value))
    }

    fileprivate mutating func write(_ suffix: String, _ labels: KeyValuePairs<String, String>, _ value: String) {
        bytes.append(name)
        bytes.append(suffix)
        for (index, label) in labels.enumerated() {
            bytes.append(index == 0 ? "{" : ",")
            bytes.append(label.key)
            bytes.append("=\"")
            bytes.appendEscaped(label.value, escapesQuote: true)
            bytes.append("\"")
        }
        if !labels.isEmpty { bytes.append("}") }
        bytes.append(" ")
        bytes.append(value)
        bytes.append("\n")
    }

    /// Returns the shortest digits that read back as the same number.
    fileprivate static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        // Whole numbers have no decimal point, within the range that a Double holds exactly: `8`, not `8.0`.
        if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 { return String(whole) }
        return value.description
    }
}

extension [UInt8] {
    /// Appends an escaped text: the backslash and the line feed in help texts, the quote as well in label values.
    fileprivate mutating func appendEscaped(_ text: String, escapesQuote: Bool) {
        for byte in text.utf8 {
            switch byte {
            case ASCII.backslash: append("\\\\")
            case ASCII.lineFeed: append("\\n")
            case ASCII.quote where escapesQuote: append("\\\"")
            default: append(byte)
            }
        }
    }
}
