// SPDX-License-Identifier: MIT
import WireFormat

/// A right to use a camera.
enum Right: String, Sendable, CaseIterable {
    /// Send frames.
    case publish
    /// See frames.
    case view
    /// See that the camera exists, its state and its counters.
    case observe

    /// The accepted words, for help and errors.
    static let accepted = allCases.map(\.rawValue).joined(separator: ", ")

    /// Reads rights separated by commas. The error does not repeat the text: it may be a key in the wrong place.
    static func list(parsing text: some StringProtocol) throws(ValueError) -> Set<Right> {
        try set(text.split(separator: ",", omittingEmptySubsequences: false))
    }

    /// Reads rights by their names: at least one, each once.
    static func set(_ names: [some StringProtocol]) throws(ValueError) -> Set<Right> {
        var rights: Set<Right> = []
        for name in names {
            guard let right = Right(rawValue: String(name)) else {
                throw ValueError("", "a right is none of \(accepted)")
            }
            guard rights.insert(right).inserted else { throw ValueError("", "a right stands twice") }
        }
        guard !rights.isEmpty else { throw ValueError("", "there is no right") }
        return rights
    }
}

extension Set<Right> {
    /// The rights as they could be written, in the order of their declaration.
    var text: String { Right.allCases.filter(contains).map(\.rawValue).joined(separator: ",") }
}
