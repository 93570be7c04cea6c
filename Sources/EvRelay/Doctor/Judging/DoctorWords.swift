// SPDX-License-Identifier: MIT

/// Puts phrases and their values into the words of one language.
struct DoctorWords {
    private let language: DoctorLanguage

    init(_ language: DoctorLanguage) {
        self.language = language
    }

    /// Returns a sentence with its values. A value named `count` chooses the plural form.
    func say(_ phrase: DoctorPhrase, _ values: [String: Finding.Value] = [:]) -> String {
        var count: Int?
        if case .number(let number)? = values["count"] { count = number }
        let pieces = language.sentence(phrase, count: count).split(separator: "{", omittingEmptySubsequences: false)
        // In one pass: a value may itself have braces.
        return pieces.dropFirst().reduce(into: String(pieces.first ?? "")) { text, piece in
            let name = piece.prefix { $0 != "}" }
            guard let value = values[String(name)] else { return text += "{\(piece)" }
            text += say(value) + piece.dropFirst(name.count + 1)
        }
    }

    /// Returns the number of things to change, in words without a full stop.
    func summary(_ findings: [Finding]) -> String {
        let count = Finding.changes(findings)
        return count == 0 ? say(.allFine) : say(.toChange, ["count": .number(count)])
    }

    private func say(_ value: Finding.Value) -> String {
        switch value {
        case .text(let text): return text
        case .number(let number): return grouped(number)
        case .tenths(let tenths): return "\(grouped(tenths / 10))\(language.decimalPoint)\(tenths.magnitude % 10)"
        case .phrase(let phrase): return say(phrase)
        case .size(let bytes):
            return say(bytes, [(.mebibytes, 1 << 20), (.kibibytes, 1 << 10)], orElse: .bytes) {
                $0.isMultiple(of: $1)
            }
        case .age(let seconds):
            return say(seconds, [(.hours, 3600), (.minutes, 60)], orElse: .seconds) { _, _ in true }
        }
    }

    /// Returns an amount in the first unit that it reaches and that `fits`.
    private func say(
        _ amount: Int, _ units: [(DoctorPhrase, Int)], orElse smallest: DoctorPhrase, fits: (Int, Int) -> Bool
    ) -> String {
        for (unit, size) in units where amount >= size && fits(amount, size) {
            return say(unit, ["count": .number(amount / size)])
        }
        return say(smallest, ["count": .number(amount)])
    }

    /// Returns a number with its thousands apart.
    private func grouped(_ number: Int) -> String {
        var digits = String(number.magnitude)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: language.thousandsSeparator)
    }
}
