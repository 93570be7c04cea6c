// SPDX-License-Identifier: MIT
import Testing

@testable import EvRelay

@Suite struct DoctorWordsTests {
    /// Returns the placeholders `{like this}` of a sentence.
    private func places(_ text: String) -> Set<Substring> {
        Set(
            text.split(separator: "{", omittingEmptySubsequences: false).dropFirst().compactMap {
                $0.split(separator: "}").first
            })
    }

    @Test func `both languages have every phrase, with the same places in all its forms`() throws {
        for phrase in DoctorPhrase.allCases {
            let english = try #require(DoctorLanguage.english.words[phrase], "\(phrase.rawValue)")
            let russian = try #require(DoctorLanguage.russian.words[phrase], "\(phrase.rawValue)")
            let wanted = places(try #require(english.texts.first))
            for text in english.texts + russian.texts {
                #expect(!text.isEmpty)
                #expect(places(text) == wanted, "\(phrase.rawValue): \(text)")
            }
        }
    }

    @Test func `every finding finds all the values that its sentences want`() throws {
        for language in DoctorLanguage.allCases {
            let words = DoctorWords(language)
            for finding in try SpoiltMeasurements.all().flatMap(Self.findings) {
                let said = [finding.say, finding.advice].compactMap { $0 }.map { words.say($0, finding.values) }
                #expect(said.allSatisfy { !$0.contains("{") }, "\(said)")
            }
        }
    }

    /// Phrases that stand around findings, each with what shows it.
    private static let around: Set<DoctorPhrase> = [
        .same, .sameLines, .sameCheck, .allFine, .toChange, .bytes, .kibibytes, .mebibytes, .seconds, .minutes, .hours,
    ]

    @Test func `every phrase and every remedy is reached`() throws {
        let findings = try SpoiltMeasurements.all().flatMap(Self.findings)
        let inner = findings.flatMap { finding in
            finding.values.values.compactMap { value -> DoctorPhrase? in
                if case .phrase(let phrase) = value { phrase } else { nil }
            }
        }
        let said = Set(findings.map(\.say) + findings.compactMap(\.advice) + inner)
        let titles = Set(DoctorCheck.allCases.compactMap(\.title))
        let missing = Set(DoctorPhrase.allCases).subtracting(said).subtracting(titles).subtracting(Self.around)
        #expect(missing.isEmpty)
        #expect(Set(findings.compactMap(\.remedy)) == Set(Remedy.allCases))
    }

    /// The findings as the asker gets them.
    private static func findings(_ all: DoctorMeasurements) -> [Finding] {
        all.asker == .terminal ? Diagnosis.findings(all) : Diagnosis.checks(all).compactMap(\.finding)
    }

    @Test(arguments: [
        (Finding.Value.number(999), "999", "999"), (.number(1000), "1,000", "1\u{A0}000"),
        (.number(-1_234_567), "-1,234,567", "-1\u{A0}234\u{A0}567"), (.tenths(5), "0.5", "0,5"),
        (.tenths(10_000), "1,000.0", "1\u{A0}000,0"), (.size(64), "64 bytes", "64 байта"),
        (.size(16_384), "16 KiB", "16 КиБ"), (.size(5 << 20), "5 MiB", "5 МиБ"), (.age(seconds: 59), "59 s", "59 с"),
        (.age(seconds: 119), "1 min", "1 мин"), (.age(seconds: 7200), "2 h", "2 ч"),
    ])
    func `values are written as the language writes them`(value: Finding.Value, english: String, russian: String) {
        #expect(DoctorWords(.english).say(.certificateOther, ["reason": value]).contains(" \(english)."))
        #expect(DoctorWords(.russian).say(.certificateOther, ["reason": value]).contains(" \(russian)."))
    }

    @Test func `braces in what a server says stay as they are`() {
        let said = DoctorWords(.english).say(.reachFine, ["ms": .number(1), "version": .text("{ms} { }")])
        #expect(said == "The relay answers in 1 ms (version {ms} { }).")
    }

    @Test(arguments: [
        (1, "день"), (2, "дня"), (4, "дня"), (5, "дней"), (11, "дней"), (12, "дней"), (14, "дней"), (21, "день"),
        (22, "дня"), (25, "дней"), (100, "дней"), (101, "день"), (111, "дней"), (-1, "день"),
    ])
    func `Russian has three forms`(count: Int, ending: String) {
        #expect(DoctorLanguage.russian.sentence(.certificateFine, count: count).hasSuffix("{count} \(ending)."))
    }

    @Test(arguments: [(1, "day"), (0, "days"), (2, "days"), (21, "days")])
    func `English has two forms`(count: Int, ending: String) {
        #expect(DoctorLanguage.english.sentence(.certificateFine, count: count).hasSuffix("more \(ending)."))
    }

    @Test(
        arguments: [
            ("ru", ["en"], DoctorLanguage.russian), (String?.none, ["ru-RU", "en"], .russian),
            ("xx", ["de", "RU"], .russian), (nil, ["de"], .english), ("", [], .english), ("en-GB", ["ru"], .english),
        ] as [(String?, [String], DoctorLanguage)])
    func `the page's language is the one asked for, then the browser's`(
        asked: String?, preferred: [String], language: DoctorLanguage
    ) {
        #expect(DoctorLanguage(asked: asked, preferred: preferred) == language)
    }

    @Test(arguments: [
        (["LANG": "ru_RU.UTF-8"], DoctorLanguage.russian), (["LANG": "en_US.UTF-8"], .english), ([:], .english),
        (["LC_ALL": "C", "LANG": "ru_RU.UTF-8"], .english), (["LC_ALL": "", "LANG": "ru"], .russian),
        (["LC_MESSAGES": "RU_RU", "LANG": "de_DE"], .russian), (["LANG": "de_DE"], .english),
    ])
    func `the language is the environment's`(environment: [String: String], language: DoctorLanguage) {
        #expect(DoctorLanguage(environment: environment) == language)
    }
}
