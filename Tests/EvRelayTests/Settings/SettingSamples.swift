// SPDX-License-Identifier: MIT
import System
import TestSupport
import WireFormat

@testable import EvRelay

/// Valid values for every setting, drawn by the kind of its row: a new row needs no sample of its own.
///
/// `EVRELAY_SEED` repeats the draws of a failure, which names the seed.
struct SettingSamples {
    /// The written values by the setting's name: one, or, if repeatable, up to three. None is the default.
    let values: [String: [String]]
    /// The seed that they were drawn from.
    let seed: UInt64

    /// The draw of this run.
    static let drawn = SettingSamples(
        seed: ProcessEnvironment.all()["EVRELAY_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...UInt64.max))

    /// Draws values that fit together, each other than its default.
    private init(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var values: [String: [String]] = [:]
        repeat {
            for setting in Setting.all { values[setting.name] = Self.other(setting, &generator) }
            // As many keys as certificates.
            values[Setting.tlsKey.name] = values[Setting.tlsCertificate.name]
        } while (try? SettingSources(typed: values, environment: [:]).configuration(cores: 4)) == nil
        self.values = values
        self.seed = seed
    }

    /// Returns a configuration in which one setting has its drawn value, and all others their default.
    func changed(_ setting: Setting) throws -> Configuration {
        var configuration = Configuration()
        try setting.apply(values[setting.name] ?? [], &configuration)
        return configuration
    }

    private static func other(_ setting: Setting, _ generator: inout SeededGenerator) -> [String] {
        let defaults = setting.texts(Configuration())
        while true {
            let count = setting.isRepeatable ? Int.random(in: 1...3, using: &generator) : 1
            var values: [String] = []
            for _ in 0..<count { values.append(setting.kind.sample(&generator)) }
            var configuration = Configuration()
            // Some values exclude each other: an address that is given twice is refused.
            guard (try? setting.apply(values, &configuration)) != nil else { continue }
            if setting.texts(configuration) != defaults { return values }
        }
    }
}

extension SettingKind {
    /// Returns a valid value.
    func sample(_ generator: inout SeededGenerator) -> String {
        let name = String((0..<8).map { _ in "abcdefghijklmnopqrstuvwxyz".randomElement(using: &generator) ?? "a" })
        let number = Int.random(in: 1...255, using: &generator)
        return switch self {
        case .toggle: "on"
        case .count(let range): "\(Self.draw(range, &generator))"
        case .size(let range): ByteSize.text(Self.draw(range, &generator))
        case .time(let range): TimeSpan.text(.milliseconds(Self.draw(Self.milliseconds(range), &generator)))
        case .word(let words): words.randomElement(using: &generator) ?? ""
        case .file: number.isMultiple(of: 2) ? "/srv/\(name)" : "credential:\(name)"
        case .folder: "/srv/\(name)"
        case .address: number.isMultiple(of: 2) ? "127.0.0.1:\(number)" : "unix:/run/\(name)"
        case .host: "\(name).example"
        case .origin: "https://\(name).example:\(number)"
        case .network: number == 1 ? "unix" : "10.\(number).0.0/16"
        case .url: "https://\(name).example/\(name)"
        }
    }

    /// The lowest, the highest and the values beside them; nil for a kind without a range.
    var bounds: (lowest: String, highest: String, below: String, above: String)? {
        switch self {
        case .count(let range):
            ("\(range.lowerBound)", "\(range.upperBound)", "\(range.lowerBound - 1)", "\(range.upperBound + 1)")
        case .size(let range):
            (
                ByteSize.text(range.lowerBound), ByteSize.text(range.upperBound), "\(range.lowerBound - 1)",
                "\(range.upperBound + 1)"
            )
        case .time(let range):
            (
                TimeSpan.text(range.lowerBound), TimeSpan.text(range.upperBound),
                "\(Self.milliseconds(range).lowerBound - 1)ms", "\(Self.milliseconds(range).upperBound + 1)ms"
            )
        case .toggle, .word, .file, .folder, .address, .host, .origin, .network, .url: nil
        }
    }

    /// Draws a number of any size as often as of any other.
    private static func draw(_ range: ClosedRange<Int>, _ generator: inout SeededGenerator) -> Int {
        let bits = Int.random(in: 0...(Int.bitWidth - range.upperBound.leadingZeroBitCount), using: &generator)
        return min(max(Int.random(in: 0...(1 << bits), using: &generator), range.lowerBound), range.upperBound)
    }

    private static func milliseconds(_ range: ClosedRange<Duration>) -> ClosedRange<Int> {
        Int(range.lowerBound / .milliseconds(1))...Int(range.upperBound / .milliseconds(1))
    }
}
