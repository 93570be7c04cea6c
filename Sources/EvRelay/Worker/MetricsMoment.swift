// SPDX-License-Identifier: MIT
import Cameras
import System
import WireFormat

/// The values of the relay at one moment, from which the rows of `/metrics` are written.
struct MetricsMoment {
    let relay: Relay
    let now: Instant
    /// The cameras that get series of their own.
    let cameras: [(summary: CameraSummary, traffic: Traffic)]
    /// The number of cameras in each state, including cameras without series of their own.
    let cameraStates: [CameraState: Int]
    /// The process's use of resources.
    let process: ProcessSample.Values

    /// Gathers the values.
    /// - Parameter isShown: false for cameras that get no series of their own.
    init(_ relay: Relay, now: Instant, isShown: (CameraID) -> Bool = { _ in true }) {
        self.relay = relay
        self.now = now
        let all = relay.hub.traffic(now: now)
        cameraStates = Dictionary(all.map { ($0.summary.state, 1) }, uniquingKeysWith: +)
        cameras = all.filter { isShown($0.summary.frame.camera) }
        process = relay.metrics.process.values(now: SystemClock.monotonic())
    }

    /// The counters of each loop.
    var loops: [LoopMetrics] { relay.metrics.loops }

    /// Returns the text of `/metrics`.
    func text() -> [UInt8] {
        MetricsText.text { page in
            for row in relay.metrics.rows { row.write(&page, self) }
        }
    }

    /// Returns the sum of a counter over the loops.
    func sum(_ counter: (LoopMetrics) -> Counter) -> Int { loops.reduce(0) { $0 + counter($1).value } }

    /// Returns the sums of a labelled counter over the loops, by the label's value.
    func sums(_ counter: (LoopMetrics) -> LabelledCounter) -> [String: Int] {
        loops.reduce(into: [:]) { sums, loop in sums.merge(counter(loop).values) { $0 + $1 } }
    }
}
