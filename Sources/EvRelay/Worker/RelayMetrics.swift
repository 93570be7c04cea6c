// SPDX-License-Identifier: MIT
import Cameras
import LibEvent

/// All counters except the cameras' own traffic.
///
/// Sendable: each loop counts in its own part, so that loops do not contend for cache lines; `/metrics` adds the parts
/// up.
final class RelayMetrics: Sendable {
    /// The counters of each loop.
    let loops: [LoopMetrics]
    /// Reloads of the settings by their result: `ok`, `error`.
    let reloads = LabelledCounter(["ok", "error"])
    /// The process's use of resources.
    let process = ProcessSample()

    /// The rows of `/metrics`.
    let rows: [Metric]

    init(loops: Int, _ rows: [Metric]) {
        self.rows = rows
        self.loops = (0..<loops).map { _ in LoopMetrics(rows) }
    }
}

/// The counters of one loop.
///
/// Sendable: its loop counts, any thread reads.
final class LoopMetrics: Sendable {
    /// Frames of all cameras sent by this loop.
    let sent = SentTraffic()
    /// Connections accepted.
    let connectionsAccepted = Counter()
    /// Answers by status code; a stream counts as 200.
    let responses = LabelledCounter()
    /// Uploads refused, by reason.
    let uploadRefusals = LabelledCounter()
    /// All other refusals, by reason.
    let refusals = LabelledCounter()
    /// Idle connections closed to make room, by the limit that was reached.
    let letGo = LabelledCounter(ConnectionLimit.reasons)
    /// TLS handshakes by result.
    let handshakes = LabelledCounter(TLSHandshake.allCases.map(\.rawValue))
    /// TLS connections by the code that encrypts what they are sent.
    let encryptions = LabelledCounter(TLSEncryption.allCases.map(\.rawValue))
    /// The delay of the loop's regular timer.
    let loopLag = Histogram(bounds: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5])
    /// The time from the arrival of a frame's last byte to its hand-over to a viewer's socket.
    let deliveryLatency = Histogram(
        bounds: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5])

    /// The counters of the rows that the loops count, by the row's name.
    private let counters: [String: Counter]
    private let labelledCounters: [String: LabelledCounter]
    private let phases = ConnectionPhase.allCases.map { ($0, Counter()) }

    /// - Parameter rows: the rows of `/metrics`.
    init(_ rows: [Metric]) {
        var counters: [String: Counter] = [:]
        var labelledCounters: [String: LabelledCounter] = [:]
        for row in rows {
            switch row.loopCounter {
            case .none: break
            case .one: counters[row.name] = Counter()
            case .labelled: labelledCounters[row.name] = LabelledCounter()
            }
        }
        self.counters = counters
        self.labelledCounters = labelledCounters
    }

    /// Counts one for a row without a label.
    func count(_ metric: Metric) { counter(metric.name).add() }

    /// Counts one for the value `label` of a row.
    func count(_ metric: Metric, _ label: String) { labelledCounter(metric.name).add(label) }

    /// Returns the counter of the row `name`.
    func counter(_ name: String) -> Counter {
        assert(counters[name] != nil, "\(name) is in no feature's metrics")
        return counters[name] ?? Counter()
    }

    /// Returns the labelled counter of the row `name`.
    func labelledCounter(_ name: String) -> LabelledCounter {
        assert(labelledCounters[name] != nil, "\(name) is in no feature's metrics")
        return labelledCounters[name] ?? LabelledCounter()
    }

    /// Returns the number of connections in `phase`.
    func connections(in phase: ConnectionPhase) -> Int { counter(phase)?.value ?? 0 }

    /// Connections whose end nobody would notice, or hardly: those that send a head, wait for a request, or are ending.
    var idleConnections: Int { [.head, .idle, .ending].reduce(0) { $0 + connections(in: $1) } }

    /// Counts a connection's change of phase. `old` is nil for a new connection, `new` for one that has ended.
    func connectionMoved(from old: ConnectionPhase?, to new: ConnectionPhase?) {
        if let old { counter(old)?.add(-1) } else { connectionsAccepted.add() }
        if let new { counter(new)?.add() }
    }

    private func counter(_ phase: ConnectionPhase) -> Counter? {
        phases.first { $0.0 == phase }?.1
    }
}
