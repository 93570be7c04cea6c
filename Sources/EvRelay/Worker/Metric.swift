// SPDX-License-Identifier: MIT
import Cameras
import WireFormat

/// A row of the table of metrics: a family of `/metrics` with its value. `docs/monitoring` uses the names.
///
/// Label values come from the program, with two exceptions: camera names, of which there are as many as `--max-cameras`
/// allows, and the first name of each certificate.
struct Metric: Sendable {
    /// The counter that each loop has for a row.
    enum LoopCounter: Sendable {
        case none
        case one
        /// A counter for each value of a label.
        case labelled
    }

    let name: String
    let loopCounter: LoopCounter
    /// Writes the family.
    let write: @Sendable (_ page: inout MetricsText, _ moment: MetricsMoment) -> Void

    private init(
        _ name: String, _ loopCounter: LoopCounter = .none,
        write: @escaping @Sendable (_ page: inout MetricsText, _ moment: MetricsMoment) -> Void
    ) {
        self.name = name
        self.loopCounter = loopCounter
        self.write = write
    }

    /// Returns a row whose value may fall.
    static func gauge(
        _ name: String, _ help: String, _ value: @escaping @Sendable (MetricsMoment) -> Int
    ) -> Metric {
        Metric(name) { $0.gauge(name, help: help, value($1)) }
    }

    /// Returns a row with a sample for each value of its labels.
    static func gauges(
        _ name: String, _ help: String, _ write: @escaping @Sendable (MetricsMoment, inout MetricSamples) -> Void
    ) -> Metric {
        Metric(name) { page, moment in page.gauges(name, help: help) { write(moment, &$0) } }
    }

    /// Returns a row whose value only rises.
    static func counter(
        _ name: String, _ help: String, _ value: @escaping @Sendable (MetricsMoment) -> Int
    ) -> Metric {
        Metric(name) { $0.counter(name, help: help, value($1)) }
    }

    /// Returns a row with a counter for each value of `label`, which the loops' counters are added up to.
    static func counters(
        _ name: String, _ help: String, by label: String,
        _ counter: @escaping @Sendable (LoopMetrics) -> LabelledCounter
    ) -> Metric {
        Metric(name) { page, moment in
            page.counters(name, help: help) { $0.sample(moment.sums(counter), by: label) }
        }
    }

    /// Returns a row that the loops count: `LoopMetrics.count(_:)`.
    static func counted(_ name: String, _ help: String) -> Metric {
        Metric(name, .one) { page, moment in page.counter(name, help: help, moment.sum { $0.counter(name) }) }
    }

    /// Returns a row that the loops count for each value of `label`: `LoopMetrics.count(_:_:)`.
    static func counted(_ name: String, _ help: String, by label: String) -> Metric {
        Metric(name, .labelled) { page, moment in
            page.counters(name, help: help) { $0.sample(moment.sums { $0.labelledCounter(name) }, by: label) }
        }
    }

    /// Returns a row with a counter of each camera.
    static func ofCameras(
        _ name: String, _ help: String, _ counter: @escaping @Sendable (Traffic) -> Counter
    ) -> Metric {
        Metric(name) { page, moment in
            page.counters(name, help: help) { samples in
                for camera in moment.cameras { samples.sample(counter(camera.traffic).value, camera.summary.label) }
            }
        }
    }

    /// Returns a row with a value of each camera.
    static func ofCameras(
        _ name: String, _ help: String, value: @escaping @Sendable (CameraSummary) -> Int
    ) -> Metric {
        Metric(name) { page, moment in
            page.gauges(name, help: help) { samples in
                for camera in moment.cameras { samples.sample(value(camera.summary), camera.summary.label) }
            }
        }
    }

    /// Returns a row with the distribution of what the loops have observed.
    static func histogram(
        _ name: String, _ help: String, _ histogram: @escaping @Sendable (LoopMetrics) -> Histogram
    ) -> Metric {
        Metric(name) { page, moment in
            let histograms = moment.loops.map(histogram)
            let sum = HistogramSnapshot.sum(histograms)
            page.histogram(
                name, help: help, bounds: histograms.first?.bounds ?? [],
                counts: sum.counts.map { UInt64(max(0, $0)) }, sum: sum.seconds)
        }
    }

    /// Returns a row that is left out while its value is unknown, as Prometheus' own libraries do.
    static func known(
        _ name: String, _ write: @escaping @Sendable (_ page: inout MetricsText, _ moment: MetricsMoment) -> Void
    ) -> Metric {
        Metric(name, write: write)
    }
}

extension CameraSummary {
    /// The label of the camera's samples.
    var label: KeyValuePairs<String, String> { ["camera": frame.camera.description] }
}

extension MetricSamples {
    /// Adds a sample for each count, sorted by the label's value.
    mutating func sample(_ counts: [String: Int], by label: String) {
        for (value, count) in counts.sorted(by: { $0.key < $1.key }) { sample(count, [label: value]) }
    }
}
