// SPDX-License-Identifier: MIT
import LibEvent
import System

/// The result of one check, independent of language; `DoctorReport` puts it into words.
struct Finding: Equatable, Sendable {
    /// The severity of a finding.
    enum Level: String, Sendable {
        case ok
        /// Works, but not as it should.
        case warn
        /// Does not work.
        case bad
        /// A deliberate state, not a fault.
        case note
    }

    /// A value to insert into a sentence.
    enum Value: Equatable, Sendable {
        case text(String)
        /// A number; under the name `count` it chooses between singular and plural.
        case number(Int)
        /// A size in bytes, with its unit.
        case size(Int)
        /// Another phrase.
        case phrase(DoctorPhrase)
    }

    let level: Level
    let say: DoctorPhrase
    var values: [String: Value] = [:]
    /// The advice, if something should be changed.
    var advice: DoctorPhrase?
    /// The lines that carry out the advice.
    var remedy: Remedy?

    static func ok(_ say: DoctorPhrase, _ values: [String: Value] = [:]) -> Finding {
        Finding(level: .ok, say: say, values: values)
    }

    static func warn(
        _ say: DoctorPhrase, _ values: [String: Value] = [:], _ advice: DoctorPhrase, _ remedy: Remedy? = nil
    ) -> Finding {
        Finding(level: .warn, say: say, values: values, advice: advice, remedy: remedy)
    }

    static func bad(
        _ say: DoctorPhrase, _ values: [String: Value] = [:], _ advice: DoctorPhrase?, _ remedy: Remedy? = nil
    ) -> Finding {
        Finding(level: .bad, say: say, values: values, advice: advice, remedy: remedy)
    }
}

extension Finding.Value {
    /// Returns a time in milliseconds, rounded to the nearest.
    static func milliseconds(_ time: Duration) -> Self {
        .number(Int(clamping: (time.wholeNanoseconds + 500_000) / 1_000_000))
    }
}
