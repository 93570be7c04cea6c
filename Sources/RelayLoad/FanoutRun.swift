// SPDX-License-Identifier: MIT
import LibEvent
import System

/// A run in which viewers watch while cameras send: measures the frames that arrive, their latency, and their cost to
/// the server.
struct FanoutRun {
    var plan: LoadPlan
    /// The time of sending before anything is measured, after every viewer has its response head.
    var warmUp: Duration
    /// The measured time.
    var measured: Duration
    /// The process whose processor time and memory are read.
    var serverID: Int32?

    private static let connectLimit = Duration.seconds(60)
    private static let settleLimit = Duration.seconds(5)
    private static let memoryInterval = Duration.milliseconds(250)

    /// Runs and measures, within the warm-up, the measured time and at most 65 s more.
    func run() throws -> FanoutResult {
        let crowd = try Crowd(plan)
        let idle = try usage()
        try crowd.connect(within: Self.connectLimit)
        let connected = try usage()

        crowd.startUploads()
        try turn(crowd, for: warmUp)
        crowd.store.beginMeasuring()
        let bytesBefore = crowd.tallies.map(\.bytes).reduce(0, +)
        let ownBefore = try ProcessUsage.cpuSeconds(ofProcess: 0)
        let begin = try usage()
        var peak = begin?.residentBytes
        let start = SystemClock.monotonic()
        var nextLook = start + Self.memoryInterval
        while SystemClock.monotonic() < start + measured {
            try crowd.turn(until: min(start + measured, nextLook))
            if SystemClock.monotonic() >= nextLook {
                nextLook = nextLook + Self.memoryInterval
                if let now = try usage() { peak = max(peak ?? 0, now.residentBytes) }
            }
        }
        crowd.stopUploads()
        let settleEnd = SystemClock.monotonic() + Self.settleLimit
        while !crowd.isSettled, SystemClock.monotonic() < settleEnd { try crowd.turn(until: settleEnd) }
        let end = try usage()
        let ownCPUSeconds = try ProcessUsage.cpuSeconds(ofProcess: 0) - ownBefore
        return FanoutResult(
            plan: plan, seconds: (SystemClock.monotonic() - start) / .seconds(1), crowd: crowd,
            bytes: crowd.tallies.map(\.bytes).reduce(0, +) - bytesBefore,
            toolCPUSeconds: ownCPUSeconds,
            idle: idle, connected: connected, begin: begin, end: end, peakResidentBytes: peak)
    }

    private func usage() throws -> ProcessUsage? {
        try serverID.map { try ProcessUsage(ofProcess: $0) }
    }

    private func turn(_ crowd: Crowd, for duration: Duration) throws {
        let end = SystemClock.monotonic() + duration
        while SystemClock.monotonic() < end { try crowd.turn(until: end) }
    }
}
