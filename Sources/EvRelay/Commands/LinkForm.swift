// SPDX-License-Identifier: MIT

/// What a signed link leads to.
enum LinkForm: String, CaseIterable {
    /// A page: of several, the one that fits the rights.
    case page
    case stream, snapshot, upload

    /// For help and errors.
    static let accepted = allCases.map(\.rawValue).joined(separator: ", ")

    /// The right without which it opens nothing; nil if any will do.
    var right: Right? {
        switch self {
        case .page: nil
        case .stream, .snapshot: .view
        case .upload: .publish
        }
    }

    /// The address for who has `rights` to `cameras`; nil where a pattern stands first and a name is needed.
    func url(_ link: AccessLink, _ rights: Set<Right>, _ cameras: [CameraPattern]) -> String? {
        let named = cameras.first?.description ?? "*"
        let isName = !named.contains("*")
        switch self {
        case .page where rights.contains(.publish): return link.cameraPage(isName ? named : nil)
        case .page where rights.contains(.view) && isName && cameras.count == 1: return link.watchPage(named)
        case .page: return link.wall
        case .stream, .snapshot, .upload: return isName ? link.raw(rawValue, named) : nil
        }
    }
}
