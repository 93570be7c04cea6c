// SPDX-License-Identifier: MIT

/// What somebody may do with a camera.
enum Right: String, Sendable, CaseIterable {
    /// Send frames.
    case publish
    /// See frames.
    case view
    /// See that the camera is there, its state and its counters.
    case observe

    /// For help and errors.
    static let accepted = allCases.map(\.rawValue).joined(separator: ", ")

    /// Reads rights between commas. The error does not show what was read: it may be a key in the wrong place.
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
    /// As they could be written, in the order of the rights.
    var text: String { Right.allCases.filter(contains).map(\.rawValue).joined(separator: ",") }
}
