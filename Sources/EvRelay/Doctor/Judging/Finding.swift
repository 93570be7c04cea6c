// SPDX-License-Identifier: MIT
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
        /// A time in seconds, told in its largest whole unit.
        case age(seconds: Int)
        /// A number of tenths, told with one decimal.
        case tenths(Int)
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

    static func note(
        _ say: DoctorPhrase, _ values: [String: Value] = [:], _ advice: DoctorPhrase? = nil, _ remedy: Remedy? = nil
    ) -> Finding {
        Finding(level: .note, say: say, values: values, advice: advice, remedy: remedy)
    }

    /// True if something is to be changed.
    var isFault: Bool { level == .warn || level == .bad }

    /// Returns the number of different things to change: findings with the same remedy count as one.
    static func changes(_ findings: [Finding]) -> Int {
        let faults = findings.filter(\.isFault)
        return Set(faults.compactMap(\.remedy)).count + faults.filter { $0.remedy == nil }.count
    }
}

extension Finding.Value {
    /// Returns a time in milliseconds, rounded to the nearest.
    static func milliseconds(_ time: Duration) -> Self {
        .number(Int(clamping: (time.wholeNanoseconds + 500_000) / 1_000_000))
    }

    /// Returns how often a second something can be done that takes `time`, at least 0.1.
    static func tenths(perSecond time: Duration) -> Self {
        let nanoseconds = max(1, time.wholeNanoseconds)
        return .tenths(max(1, Int(clamping: (10_000_000_000 + nanoseconds / 2) / nanoseconds)))
    }
}
