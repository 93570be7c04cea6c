// SPDX-License-Identifier: MIT
import LibEvent
import System

/// A run in which viewers wait for a camera, then see one frame: measures the memory that each costs the server.
struct IdleRun {
    var plan: LoadPlan
    /// The process whose memory is read.
    var serverID: Int32
    /// The time that the server may settle before its memory is read.
    var settle: Duration

    private static let connectLimit = Duration.seconds(60)
    private static let frameLimit = Duration.seconds(10)

    /// Runs and measures, within twice `settle` and at most 70 s more.
    func run() throws -> [Metric] {
        let crowd = try Crowd(plan)
        let before = try ProcessUsage(ofProcess: serverID)
        try crowd.connect(within: Self.connectLimit)
        try turn(crowd, for: settle)
        let waiting = try ProcessUsage(ofProcess: serverID)

        crowd.startUploads()
        let deadline = SystemClock.monotonic() + Self.frameLimit
        while crowd.store.latestSequence(camera: 0) < 0 { try crowd.turn(until: deadline) }
        crowd.stopUploads()
        while !crowd.isSettled {
            try crowd.turn(until: deadline)
            guard SystemClock.monotonic() < deadline else {
                throw LoadFailure("Not every viewer had the frame in time.")
            }
        }
        try turn(crowd, for: settle)
        let watching = try ProcessUsage(ofProcess: serverID)
        func perViewer(_ usage: ProcessUsage) -> Int {
            (usage.residentBytes - before.residentBytes) / max(1, plan.viewers)
        }
        return [
            Metric("viewers", "viewers", plan.viewers),
            Metric("rss_idle_kib", "server: resident KiB, no connection", before.residentBytes / 1024),
            Metric("rss_waiting_kib", "server: resident KiB, viewers wait", waiting.residentBytes / 1024),
            Metric("rss_watching_kib", "server: resident KiB, viewers have one frame", watching.residentBytes / 1024),
            Metric("waiting_bytes_per_viewer", "bytes a waiting viewer", perViewer(waiting)),
            Metric("watching_bytes_per_viewer", "bytes a watching viewer", perViewer(watching)),
        ]
    }

    private func turn(_ crowd: Crowd, for duration: Duration) throws {
        let end = SystemClock.monotonic() + duration
        while SystemClock.monotonic() < end { try crowd.turn(until: end) }
    }
}
