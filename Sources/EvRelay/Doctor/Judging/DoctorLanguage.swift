// SPDX-License-Identifier: MIT

/// A language of the doctor.
enum DoctorLanguage: String, Sendable, CaseIterable {
    case english = "en"
    case russian = "ru"

    /// Chooses the environment's language as programs do for their messages (locale(7)): the first of LC_ALL,
    /// LC_MESSAGES and LANG that is not empty decides.
    init(environment: [String: String]) {
        let variables = ["LC_ALL", "LC_MESSAGES", "LANG"]
        let locale = variables.lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        self = locale.lowercased().hasPrefix("ru") ? .russian : .english
    }

    /// Chooses the page's language, then the first that the browser prefers and that is known. Their first two letters
    /// decide, as in the pages.
    init(asked: String?, preferred: [String]) {
        let tags = [asked ?? ""] + preferred
        self = tags.lazy.compactMap { Self(rawValue: $0.prefix(2).lowercased()) }.first ?? .english
    }

    /// The separator of thousands (CLDR).
    var thousandsSeparator: String {
        switch self {
        case .english: ","
        case .russian: "\u{A0}"
        }
    }

    /// The decimal point (CLDR).
    var decimalPoint: String {
        switch self {
        case .english: "."
        case .russian: ","
        }
    }

    /// Returns the text of a phrase, with its placeholders `{like this}`.
    func sentence(_ phrase: DoctorPhrase, count: Int?) -> String {
        guard let forms = words[phrase] else { return phrase.rawValue }
        switch forms {
        case .one(let text): return text
        case .counted(let one, let few, let many):
            switch form(of: count ?? 0) {
            case .one: return one
            case .few: return few
            case .many: return many
            }
        }
    }

    /// The texts of this language.
    var words: [DoctorPhrase: DoctorForms] {
        switch self {
        case .english: EnglishWords.all
        case .russian: RussianWords.all
        }
    }

    private enum Form { case one, few, many }

    /// Returns the plural form for a count (CLDR). English has one and many; Russian has a third form for numbers that
    /// end in 2, 3 or 4, but not for those that end in 12, 13 or 14.
    private func form(of count: Int) -> Form {
        let number = count.magnitude
        switch self {
        case .english: return number == 1 ? .one : .many
        case .russian:
            if (11...14).contains(number % 100) { return .many }
            switch number % 10 {
            case 1: return .one
            case 2...4: return .few
            default: return .many
            }
        }
    }
}

/// A sentence, or its forms for different counts.
enum DoctorForms: Equatable, Sendable, ExpressibleByStringLiteral {
    case one(String)
    case counted(one: String, few: String, many: String)

    init(stringLiteral text: String) {
        self = .one(text)
    }

    /// All texts of the sentence.
    var texts: [String] {
        switch self {
        case .one(let text): [text]
        case .counted(let one, let few, let many): [one, few, many]
        }
    }
}
