// SPDX-License-Identifier: MIT
import LibEvent

/// Everything that is counted beside the cameras' own traffic.
///
/// Sendable: each loop counts in its own part, and `/metrics` adds the parts up, so that loops do not fight for a cache
/// line.
final class RelayMetrics: Sendable {
    /// One part for each loop.
    let loops: [LoopMetrics]
    /// Reloads of the settings by their result: `ok`, `error`.
    let reloads = LabelledCounter(["ok", "error"])
    /// Frames of all cameras that were accepted.
    let received = ReceivedTraffic()
    /// Viewers that an earlier process has handed over.
    let restoredViewers = Counter()
    /// What the process uses.
    let process = ProcessSample()

    init(loops: Int) {
        self.loops = (0..<loops).map { _ in LoopMetrics() }
    }
}

/// What one loop counts.
///
/// Sendable: counted on its loop, read from any.
final class LoopMetrics: Sendable {
    /// What this loop has sent of all cameras.
    let sent = SentTraffic()
    /// Connections accepted.
    let connectionsAccepted = Counter()
    /// Answers by status code; a stream counts as 200.
    let responses = LabelledCounter()
    /// Uploads refused, by reason.
    let uploadRefusals = LabelledCounter()
    /// Frames of streaming uploads that were left out, which count as refusals too.
    let skippedFrames = Counter()
    /// Everything else that was refused, by reason.
    let refusals = LabelledCounter()
    /// Idle connections that were ended to make room, by the limit that was reached.
    let letGo = LabelledCounter(ConnectionLimit.reasons)
    /// Viewers that have gone, by reason.
    let viewersLeft = LabelledCounter()
    /// TLS handshakes by how they ended.
    let handshakes = LabelledCounter(TLSHandshake.allCases.map(\.rawValue))
    /// TLS connections by who encrypts what they are sent.
    let encryptions = LabelledCounter(TLSEncryption.allCases.map(\.rawValue))
    /// How late the loop's regular timer ran.
    let loopLag = Histogram(bounds: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5])
    /// From a frame's last byte in to its hand-over to a viewer's socket.
    let deliveryLatency = Histogram(
        bounds: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5])

    private let phases = ConnectionPhase.allCases.map { ($0, Counter()) }

    /// Connections by what they do.
    func connections(in phase: ConnectionPhase) -> Int { counter(phase)?.value ?? 0 }

    /// Connections that nobody would miss, or hardly.
    var idleConnections: Int { [.head, .idle, .ending].reduce(0) { $0 + connections(in: $1) } }

    /// Counts a connection's way from one phase to the next.
    func connectionMoved(from old: ConnectionPhase?, to new: ConnectionPhase?) {
        if let old { counter(old)?.add(-1) } else { connectionsAccepted.add() }
        if let new { counter(new)?.add() }
    }

    private func counter(_ phase: ConnectionPhase) -> Counter? {
        phases.first { $0.0 == phase }?.1
    }
}
