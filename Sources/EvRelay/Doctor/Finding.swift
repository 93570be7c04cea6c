// SPDX-License-Identifier: MIT
import LibEvent

/// What one check found, without words: `DoctorReport` says it in a language.
struct Finding: Equatable, Sendable {
    /// How good or bad it is.
    enum Level: String, Sendable {
        case ok
        /// Works, but not as it should.
        case warn
        /// Does not work.
        case bad
        /// So it is, by choice; nothing is wrong with it.
        case note
    }

    /// A value that stands in a sentence.
    enum Value: Equatable, Sendable {
        case text(String)
        /// A number that decides between singular and plural where it is called `count`.
        case number(Int)
        /// A size in bytes, with its unit.
        case size(Int)
        /// Another phrase.
        case phrase(DoctorPhrase)
    }

    let level: Level
    let say: DoctorPhrase
    var values: [String: Value] = [:]
    /// What to do.
    var advice: DoctorPhrase?
    /// The lines that do it.
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
    /// A time in whole milliseconds.
    static func milliseconds(_ time: Duration) -> Self {
        .number(Int(clamping: (time.wholeNanoseconds + 500_000) / 1_000_000))
    }
}
