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
            for findings in try allKindsOfFindings() {
                var report = DoctorReport(in: language, about: try DoctorTarget(parsing: "https://example.org/cam/"))
                for finding in findings {
                    let said = report.lines(finding, info: nil).prefix { $0 != "\n" }
                    #expect(!said.contains("{"), "\(said)")
                }
            }
        }
    }

    private func allKindsOfFindings() throws -> [[Finding]] {
        var bad = try goodMeasurements()
        bad.tls = .failed("x")
        var worse = try goodMeasurements("http://example.org/")
        worse.small?.delays = []
        worse.largeUpload = echo(65_536, status: 500)
        worse.reach?.info = try relayInfo(for: worse.target) { info in
            (info.isTrusted, info.scheme, info.host, info.isPublishing) = (false, "https", "x", false)
            info.protocol = "HTTP/1.0"
        }
        return [Diagnosis.findings(try goodMeasurements()), Diagnosis.findings(bad), Diagnosis.findings(worse)]
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

    @Test(arguments: [
        (["LANG": "ru_RU.UTF-8"], DoctorLanguage.russian), (["LANG": "en_US.UTF-8"], .english), ([:], .english),
        (["LC_ALL": "C", "LANG": "ru_RU.UTF-8"], .english), (["LC_ALL": "", "LANG": "ru"], .russian),
        (["LC_MESSAGES": "RU_RU", "LANG": "de_DE"], .russian), (["LANG": "de_DE"], .english),
    ])
    func `the language is the environment's`(environment: [String: String], language: DoctorLanguage) {
        #expect(DoctorLanguage(environment: environment) == language)
    }
}
