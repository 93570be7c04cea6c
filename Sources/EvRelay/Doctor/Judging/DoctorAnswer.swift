// SPDX-License-Identifier: MIT
import WireFormat

/// The answer to a page's measurements: each check with its finding in words, as JSON (the schema `DoctorFindings` in
/// docs/openapi.yaml).
struct DoctorAnswer {
    private let measurements: DoctorMeasurements
    private let words: DoctorWords
    private let language: DoctorLanguage

    init(to measurements: DoctorMeasurements, in language: DoctorLanguage) {
        self.measurements = measurements
        self.language = language
        words = DoctorWords(language)
    }

    /// Returns the whole text.
    func json() -> [UInt8] {
        let checks = Diagnosis.checks(measurements)
        let findings = checks.compactMap(\.finding)
        return JSONText.object { json in
            json.member("language", language.rawValue)
            json.member("open", checks.count - findings.count)
            json.member("changes", Finding.changes(findings))
            json.member("level", Self.worst(of: findings).rawValue)
            json.member("summary", words.summary(findings))
            json.array("checks") { json in
                var remedied: [Remedy: DoctorCheck] = [:]
                for (check, finding) in checks {
                    let earlier = finding?.remedy.flatMap { remedied[$0] }
                    json.element { write(check, finding, sameAs: earlier, to: &$0) }
                    if let remedy = finding?.remedy, earlier == nil { remedied[remedy] = check }
                }
            }
        }
    }

    private static func worst(of findings: [Finding]) -> Finding.Level {
        if findings.contains(where: { $0.level == .bad }) { return .bad }
        return findings.contains { $0.level == .warn } ? .warn : .ok
    }

    /// - Parameter earlier: the check that has the same remedy, to which the page refers instead.
    private func write(
        _ check: DoctorCheck, _ finding: Finding?, sameAs earlier: DoctorCheck?, to json: inout JSONText
    ) {
        json.member("check", check.rawValue)
        json.member("title", title(of: check))
        json.member("level", finding?.level.rawValue)
        json.member("text", finding.map { words.say($0.say, $0.values) })
        json.member("reported", finding.map { words.say($0.say, Self.withoutClient($0.values)) })
        json.member("same_as", earlier?.rawValue)
        if let earlier {
            json.member("advice", words.say(.sameCheck, ["title": .text(title(of: earlier))]))
        } else {
            json.member("advice", finding.flatMap { finding in finding.advice.map { words.say($0, finding.values) } })
        }
        let remedy = earlier == nil ? finding?.remedy : nil
        json.array("remedy") { json in
            for part in remedy?.lines(for: measurements.target, info: measurements.reach?.info) ?? [] {
                json.element { json in
                    json.member("program", part.program.isEmpty ? "shell" : part.program)
                    json.member("lines", part.lines.joined(separator: "\n"))
                }
            }
        }
    }

    private func title(of check: DoctorCheck) -> String { check.title.map { words.say($0) } ?? check.rawValue }

    /// Returns the values of a sentence that is shown to others: without the address of the visitor.
    private static func withoutClient(_ values: [String: Finding.Value]) -> [String: Finding.Value] {
        var values = values
        if values["client"] != nil { values["client"] = .text("…") }
        return values
    }
}
