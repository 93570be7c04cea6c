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
        case .english: Self.englishWords
        case .russian: Self.russianWords
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
