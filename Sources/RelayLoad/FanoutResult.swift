// SPDX-License-Identifier: MIT
import LibEvent
import System

/// The results of a fan-out run.
struct FanoutResult {
    let plan: LoadPlan
    /// The measured time and the wait for the last frames, in seconds.
    let seconds: Double
    let crowd: Crowd
    /// The bytes read by all viewers in `seconds`.
    let bytes: Int
    let toolCPUSeconds: Double
    /// The server's usage before the first connection.
    let idle: ProcessUsage?
    /// The server's usage with all connections open.
    let connected: ProcessUsage?
    /// The server's usage at the beginning of the measured time.
    let begin: ProcessUsage?
    /// The server's usage after the wait for the last frames.
    let end: ProcessUsage?
    /// The most resident memory that the server had in the measured time.
    let peakResidentBytes: Int?

    /// Returns the number of frames of the measured time that viewers of a kind should have received and did not.
    func missing(_ kind: Viewer.Kind) -> Int {
        crowd.viewers.lazy.filter { $0.kind == kind }
            .map { crowd.store.measuredCount(camera: $0.camera) - $0.measuredFrames }.reduce(0, +)
    }

    /// True if anything happened that a viewer or a publisher must never see: exit status 1.
    var isFaulty: Bool {
        missing(.healthy) > 0 || tally(.healthy).ended > 0 || refused > 0 || unanswered > 0
            || crowd.tallies.contains { $0.faults > 0 }
    }

    /// All results, in the order in which they are printed.
    var metrics: [Metric] {
        let serverCPU = begin.flatMap { begin in end.map { $0.cpuSeconds - begin.cpuSeconds } }
        return [
            Metric("viewers", "viewers", plan.viewers),
            Metric("stalled", "  of them stalled", plan.stalled),
            Metric("slow", "  of them slow", plan.slow),
            Metric("cameras", "cameras", plan.cameras),
            Metric("fps", "frames a second and camera", plan.framesPerSecond),
            Metric("frame_bytes", "bytes a frame", crowd.store.frameBytes),
            Metric("seconds", "seconds measured", seconds),
            Metric("frames_sent", "frames sent", (0..<plan.cameras).map(crowd.store.measuredCount).reduce(0, +)),
            Metric("frames_refused", "frames refused by the server", refused),
            Metric("frames_unanswered", "frames not answered by the server", unanswered),
            Metric("frames_left_out", "frames not sent, the server being late", sum(\.leftOut)),
            Metric("delivered", "frames delivered to healthy viewers", tally(.healthy).frames),
            Metric("lost", "frames lost by healthy viewers", missing(.healthy)),
            Metric("torn", "frames torn", fault(\.torn)),
            Metric("mixed", "frames of another camera", fault(\.mixed)),
            Metric("unknown", "parts that are no frame sent", fault(\.unknown)),
            Metric("out_of_order", "frames out of order", fault(\.outOfOrder)),
            Metric("repeated", "frames repeated", fault(\.repeated)),
            Metric("ended_healthy", "healthy viewers disconnected", tally(.healthy).ended),
            Metric("ended_slow", "slow viewers disconnected", plan.slow > 0 ? tally(.slow).ended : nil),
            Metric("ended_stalled", "stalled viewers reset", plan.stalled > 0 ? tally(.stalled).ended : nil),
        ] + latencies("", "first byte sent to last byte read", .healthy)
            + latencies("slow_", "slow viewers: age of a picture", .slow)
            + [
                Metric("slow_frames", "frames seen by slow viewers", plan.slow > 0 ? tally(.slow).frames : nil),
                Metric("slow_skipped", "frames skipped by slow viewers", plan.slow > 0 ? missing(.slow) : nil),
                Metric("gigabytes", "gigabytes delivered", gigabytes, decimals: 3),
                Metric("server_cpu_s", "server: processor seconds", serverCPU, decimals: 3),
                Metric("server_cpu_per_gb", "server: processor s a GB", perGigabyte(serverCPU), decimals: 4),
                Metric("tool_cpu_per_gb", "load tool: processor s a GB", perGigabyte(toolCPUSeconds), decimals: 4),
                Metric("tool_cpu_share", "load tool: share of one processor", toolCPUSeconds / seconds, decimals: 3),
                Metric("rss_idle_kib", "server: resident KiB, no connection", kibibytes(idle)),
                Metric("rss_connected_kib", "server: resident KiB, all connected", kibibytes(connected)),
                Metric("rss_begin_kib", "server: resident KiB, measuring begins", kibibytes(begin)),
                Metric("rss_peak_kib", "server: resident KiB, at most", peakResidentBytes.map { $0 / 1024 }),
                Metric("rss_end_kib", "server: resident KiB, measuring ends", kibibytes(end)),
            ]
    }

    private var refused: Int { sum(\.refused) }

    private var unanswered: Int { crowd.uploaders.count { $0.state != .ready } }

    private var gigabytes: Double { Double(bytes) / 1e9 }

    private func perGigabyte(_ seconds: Double?) -> Double? { seconds.map { $0 / gigabytes } }

    private func sum(_ number: KeyPath<Uploader, Int>) -> Int {
        crowd.uploaders.map { $0[keyPath: number] }.reduce(0, +)
    }

    private func tally(_ kind: Viewer.Kind) -> Tally { crowd.tallies[kind.rawValue] }

    private func fault(_ number: KeyPath<Tally, Int>) -> Int {
        crowd.tallies.map { $0[keyPath: number] }.reduce(0, +)
    }

    private func latencies(_ prefix: String, _ label: String, _ kind: Viewer.Kind) -> [Metric] {
        let histogram = tally(kind).latencies
        return [
            Metric("\(prefix)p50_ms", "\(label), ms, p50", milliseconds: histogram.percentile(0.5)),
            Metric("\(prefix)p90_ms", "\(label), ms, p90", milliseconds: histogram.percentile(0.9)),
            Metric("\(prefix)p99_ms", "\(label), ms, p99", milliseconds: histogram.percentile(0.99)),
            Metric("\(prefix)max_ms", "\(label), ms, max", milliseconds: histogram.count > 0 ? histogram.largest : nil),
        ]
    }

    private func kibibytes(_ usage: ProcessUsage?) -> Int? { usage.map { $0.residentBytes / 1024 } }
}
