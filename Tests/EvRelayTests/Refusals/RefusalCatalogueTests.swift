// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import EvRelay

/// The catalogue of refusals, its documents and the pages' words say the same.
@Suite struct RefusalCatalogueTests {
    private static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: repository.appending(path: path)), as: UTF8.self)
    }

    /// "404: not-found", as each of them is compared.
    private static let catalogue = Set(RefusalReason.allCases.map { "\($0.status): \($0.rawValue)" })

    @Test func `docs protocol md lists each reason with its status`() throws {
        let rows = try Self.text("docs/protocol.md").matches(of: /(?m)^\| ([45]\d\d) \| ([^|]+) \|/)
        let listed = rows.flatMap { row in
            row.2.matches(of: /`([a-z0-9-]+)`/).map { "\(row.1): \($0.1)" }
        }
        #expect(Set(listed) == Self.catalogue)
        #expect(listed.count == Self.catalogue.count, "each once")
    }

    @Test func `docs openapi yaml lists each reason with its status`() throws {
        let rows = try Self.text("docs/openapi.yaml").matches(
            of: /properties: \{status: \{const: (\d+)\}, reason: \{enum: \[([^\]]+)\]/)
        let listed = rows.flatMap { row in
            row.2.split(separator: ", ").map { "\(row.1): \($0)" }
        }
        #expect(Set(listed) == Self.catalogue)
        #expect(listed.count == Self.catalogue.count, "each once")
    }

    /// Reasons that the pages need no words for: their requests do not meet these, or a picture that does not come is all
    /// that they learn of. A camera that was taken has a state of its own.
    private static let withoutWords: Set<RefusalReason> = [
        .badRequest, .badParameter, .badMultipart, .plainOnTLS, .notFound, .unknownCamera, .methodNotAllowed, .tooSlow,
        .cameraTaken, .cameraTakenOver, .lengthRequired, .bodyTooLarge, .unsupportedType, .unsupportedEncoding,
        .expectationFailed, .notAJPEG, .delimiterInFrame, .upgradeRequired, .webSocketVersion, .headTooLarge,
        .internalError, .unknownMethod, .viewersFull, .doctorsFull, .frameTooOld, .httpVersion,
    ]

    /// Keys of the words that are about no reason of the catalogue.
    private static let others: Set = ["other", "again"]

    @Test(arguments: ["en", "ru"])
    func `the pages have words for each reason that they can meet`(language: String) throws {
        let words = try Self.text("web/locales/\(language).js")
        let named = Set(words.matches(of: /"refusal\.([a-z0-9-]+)":/).map { String($0.1) })
        let expected = Set(RefusalReason.allCases).subtracting(Self.withoutWords).map(\.rawValue)
        #expect(named.subtracting(Self.others) == Set(expected))
    }

    @Test(arguments: ["en", "ru"])
    func `the pages know no denial that the relay does not`(language: String) throws {
        let reasons = Set(RefusalReason.allCases.map(\.rawValue))
        let denials = try Self.text("web/js/state/denial.js").matches(of: /(?m)^    "([a-z-]+)": \{ icon/)
            .map { String($0.1) }
        #expect(!denials.isEmpty && reasons.isSuperset(of: denials))
        let words = try Self.text("web/locales/\(language).js")
        let named = Set(words.matches(of: /"denial\.([a-z-]+)(?:\.[a-z]+)?":/).map { String($0.1) })
        #expect(named.subtracting(Self.others) == Set(denials))
    }

    @Test func `whoever must not try again at once is told so by the pages`() throws {
        let denials = Set(
            try Self.text("web/js/state/denial.js").matches(of: /(?m)^    "([a-z-]+)": \{ icon/).map { String($0.1) })
        for reason in RefusalReason.allCases where reason.isOfWrongCredential {
            #expect(denials.contains(reason.rawValue), "\(reason.rawValue)")
        }
    }
}
