// SPDX-License-Identifier: MIT
import WireFormat

/// Writes findings in a language: a line for each, with advice indented below it.
struct DoctorReport {
    private let language: DoctorLanguage
    private let target: DoctorTarget
    private var advised: Set<DoctorPhrase> = []
    private var shown: Set<Remedy> = []

    init(in language: DoctorLanguage, about target: DoctorTarget) {
        self.language = language
        self.target = target
    }

    /// Returns the lines of one finding, each with its line feed. Advice is given in full once.
    mutating func lines(_ finding: Finding, info: RelayInfo?) -> String {
        var text = Self.padded(finding.level.rawValue) + say(finding.say, finding.values) + "\n"
        guard let advice = finding.advice else { return text }
        let isNew = advised.insert(advice).inserted
        if isNew { text += "     " + say(advice, finding.values) + "\n" }
        guard let remedy = finding.remedy else { return text }
        guard shown.insert(remedy).inserted else { return text + "     " + say(isNew ? .sameLines : .same) + "\n" }
        for part in remedy.lines(for: target, info: info) {
            if !part.program.isEmpty { text += "       \(part.program):\n" }
            for line in part.lines { text += "         \(line)\n" }
        }
        return text
    }

    /// Returns the last line, with the number of things to change.
    func summary(_ findings: [Finding]) -> String {
        let faults = findings.filter { $0.level == .warn || $0.level == .bad }
        // Faults with the same remedy count as one.
        let remedied = Set(faults.compactMap(\.remedy)).count
        let count = remedied + faults.filter { $0.remedy == nil }.count
        return (count == 0 ? say(.allFine) : say(.toChange, ["count": .number(count)])) + "\n"
    }

    /// Returns a day as in 2026-11-22.
    static func date(_ unixSeconds: Int64) -> String {
        // A certificate that means "never" has a date before 1970 or after the year 9999.
        let seconds = min(max(unixSeconds, 0), 253_402_300_799)
        return String(HTTPDate.iso8601Milliseconds(microseconds: seconds * 1_000_000).prefix(10))
    }

    private static func padded(_ level: String) -> String {
        level + String(repeating: " ", count: max(1, 5 - level.count))
    }

    private func say(_ phrase: DoctorPhrase, _ values: [String: Finding.Value] = [:]) -> String {
        var count: Int?
        if case .number(let number)? = values["count"] { count = number }
        var text = language.sentence(phrase, count: count)
        for (name, value) in values { text = text.replacing("{\(name)}", with: say(value)) }
        return text
    }

    private func say(_ value: Finding.Value) -> String {
        switch value {
        case .text(let text): return text
        case .number(let number): return String(number)
        case .phrase(let phrase): return say(phrase)
        case .size(let bytes):
            let units: [(DoctorPhrase, Int)] = [(.mebibytes, 1 << 20), (.kibibytes, 1 << 10)]
            for (unit, size) in units where bytes >= size && bytes.isMultiple(of: size) {
                return say(unit, ["count": .number(bytes / size)])
            }
            return say(.bytes, ["count": .number(bytes)])
        }
    }
}
