// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@testable import EvRelay

/// The documented default and range of a setting, written a second time by hand: unintended changes fail here.
struct Promise: Sendable, CustomTestStringConvertible {
    let name: String
    let defaultText: String
    let lowest: String
    let highest: String
    let below: String
    let above: String
    let read: @Sendable (Configuration) -> String
    var testDescription: String { name }

    static let all: [Promise] =
        [
            count("threads", "one per core", 1, 256) { $0.threads },
            count("max-connections", "4096", 1, 1_000_000) { $0.limits.maxConnections },
            count("max-connections-per-address", "256", 1, 1_000_000) { $0.limits.maxConnectionsPerAddress },
            count("max-viewers", "2000", 1, 1_000_000) { $0.limits.maxViewers },
            count("max-viewers-per-camera", "2000", 1, 1_000_000) { $0.limits.maxViewersPerCamera },
            count("max-cameras", "64", 1, 10_000) { $0.limits.maxCameras },
            count("max-header-fields", "64", 8, 1000) { $0.limits.maxHeaderFields },
            size("max-frame-bytes", "5MiB", "1KiB", "64MiB", "1023", "67108865") { $0.limits.maxFrameBytes },
            size("frame-memory", "256MiB", "1MiB", "64GiB", "1048575", "68719476737") { $0.limits.frameMemoryBytes },
            size("answer-memory", "32MiB", "1MiB", "64GiB", "1048575", "68719476737") { $0.limits.answerMemoryBytes },
            size("max-pending-answer", "4MiB", "64KiB", "1GiB", "65535", "1073741825") {
                $0.limits.maxPendingAnswerBytes
            },
            size("max-header-bytes", "8KiB", "512B", "64KiB", "511", "65537") { $0.limits.maxHeaderBytes },
            time("header-timeout", "10s", "100ms", "10m", "99ms", "600001ms") { $0.timeouts.header },
            time("body-timeout", "30s", "100ms", "1h", "99ms", "3600001ms") { $0.timeouts.body },
            time("idle-timeout", "1m", "100ms", "1h", "99ms", "3600001ms") { $0.timeouts.idle },
            time("stall-timeout", "20s", "100ms", "1h", "99ms", "3600001ms") { $0.timeouts.stall },
            time("stale-after", "3s", "100ms", "1h", "99ms", "3600001ms") { $0.ages.stale },
            time("offline-after", "15s", "100ms", "1d", "99ms", "86400001ms") { $0.ages.offline },
            time("forget-after", "10m", "1s", "30d", "999ms", "2592000001ms") { $0.ages.forget },
            time("repeat-after", "5s", "100ms", "1h", "99ms", "3600001ms") { $0.ages.repeatLatest },
        ]

    static func count(
        _ name: String, _ defaultText: String, _ low: Int, _ high: Int,
        _ read: @escaping @Sendable (Configuration) -> Int
    ) -> Promise {
        Promise(
            name: name, defaultText: defaultText, lowest: "\(low)", highest: "\(high)", below: "\(low - 1)",
            above: "\(high + 1)", read: { "\(read($0))" })
    }

    static func size(
        _ name: String, _ defaultText: String, _ low: String, _ high: String, _ below: String, _ above: String,
        _ read: @escaping @Sendable (Configuration) -> Int
    ) -> Promise {
        Promise(
            name: name, defaultText: defaultText, lowest: low, highest: high, below: below, above: above,
            read: { ByteSize.text(read($0)) })
    }

    static func time(
        _ name: String, _ defaultText: String, _ low: String, _ high: String, _ below: String, _ above: String,
        _ read: @escaping @Sendable (Configuration) -> Duration
    ) -> Promise {
        Promise(
            name: name, defaultText: defaultText, lowest: low, highest: high, below: below, above: above,
            read: { TimeSpan.text(read($0)) })
    }

    /// Returns an environment in which other settings do not interfere, so that only the range decides.
    func environment(_ value: String) -> [String: String] {
        var all = ["EVRELAY_STALE_AFTER": "100ms", "EVRELAY_OFFLINE_AFTER": "100ms", "EVRELAY_MAX_FRAME_BYTES": "1KiB"]
        switch name {
        case "stale-after": all["EVRELAY_OFFLINE_AFTER"] = "24h"
        case "max-frame-bytes": all["EVRELAY_FRAME_MEMORY"] = "1GiB"
        default: break
        }
        all["EVRELAY_FORGET_AFTER"] = "30d"
        all["EVRELAY_" + name.uppercased().split(separator: "-").joined(separator: "_")] = value
        return all
    }
}

@Suite struct SettingRangeTests {
    @Test(arguments: Promise.all)
    func `the default is the promised one`(_ promise: Promise) throws {
        let setting = try #require(Setting.all.first { $0.name == promise.name })
        #expect(setting.defaultText == promise.defaultText)
        if promise.name != "threads" { #expect(promise.read(Configuration()) == promise.defaultText) }
    }

    @Test(arguments: Promise.all)
    func `the lowest value is accepted`(_ promise: Promise) throws {
        let configuration = try configuration(environment: promise.environment(promise.lowest))
        #expect(promise.read(configuration) == promise.lowest)
    }

    @Test(arguments: Promise.all)
    func `the highest value is accepted`(_ promise: Promise) throws {
        let configuration = try configuration(environment: promise.environment(promise.highest))
        #expect(promise.read(configuration) == promise.highest)
    }

    @Test(arguments: Promise.all)
    func `one below and one above are refused with the range`(_ promise: Promise) throws {
        for value in [promise.below, promise.above] {
            let error = try #require(throws: ConfigurationError.self) {
                try SettingSources(typed: [promise.name: [value]], environment: [:]).configuration(cores: 1)
            }
            #expect(
                error.message
                    == "wrong value: --\(promise.name) '\(value)': out of range; accepted: "
                    + "\(promise.lowest) to \(promise.highest)")
        }
    }

    @Test func `draining may take from no time to ten minutes`() throws {
        #expect(Configuration().timeouts.drain == .seconds(4))
        #expect(try configuration("--drain-timeout", "0s").timeouts.drain == .zero)
        #expect(try configuration("--drain-timeout", "10m").timeouts.drain == .seconds(600))
        #expect(throws: ConfigurationError.self) { try configuration("--drain-timeout", "600001ms") }
        #expect(throws: ConfigurationError.self) { try configuration("--drain-timeout", "-1s") }
    }
}
