// SPDX-License-Identifier: MIT
import WireFormat

/// Writes findings in a language: a line for each, with advice indented below it.
struct DoctorReport {
    private let words: DoctorWords
    private let target: DoctorTarget
    private var advised: Set<DoctorPhrase> = []
    private var shown: Set<Remedy> = []

    init(in language: DoctorLanguage, about target: DoctorTarget) {
        words = DoctorWords(language)
        self.target = target
    }

    /// Returns the lines of one finding, each with its line feed. Advice is given in full once.
    mutating func lines(_ finding: Finding, info: RelayInfo?) -> String {
        var text = Self.padded(finding.level.rawValue) + words.say(finding.say, finding.values) + "\n"
        guard let advice = finding.advice else { return text }
        let isNew = advised.insert(advice).inserted
        if isNew { text += "     " + words.say(advice, finding.values) + "\n" }
        guard let remedy = finding.remedy else { return text }
        guard shown.insert(remedy).inserted else {
            return text + "     " + words.say(isNew ? .sameLines : .same) + "\n"
        }
        for part in remedy.lines(for: target, info: info) {
            if !part.program.isEmpty { text += "       \(part.program):\n" }
            for line in part.lines { text += "         \(line)\n" }
        }
        return text
    }

    /// Returns the last line, with the number of things to change.
    func summary(_ findings: [Finding]) -> String { words.summary(findings) + ".\n" }

    /// Returns a day as in 2026-11-22.
    static func date(_ unixSeconds: Int64) -> String {
        // A certificate that means "never" has a date before 1970 or after the year 9999.
        let seconds = min(max(unixSeconds, 0), 253_402_300_799)
        return String(HTTPDate.iso8601Milliseconds(microseconds: seconds * 1_000_000).prefix(10))
    }

    private static func padded(_ level: String) -> String {
        level + String(repeating: " ", count: max(1, 5 - level.count))
    }
}
