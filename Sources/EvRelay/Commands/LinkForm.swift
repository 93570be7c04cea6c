// SPDX-License-Identifier: MIT
import Cameras

/// The target of a signed link.
enum LinkForm: String, CaseIterable {
    /// The page that fits the rights.
    case page
    case stream, snapshot, upload

    /// The accepted words, for help and errors.
    static let accepted = allCases.map(\.rawValue).joined(separator: ", ")

    /// The right that the target needs; nil if any right will do.
    var right: Right? {
        switch self {
        case .page: nil
        case .stream, .snapshot: .view
        case .upload: .publish
        }
    }

    /// Returns the URL for the holder of `rights` to `cameras`; nil if the target needs a camera's name and the first
    /// is a pattern.
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
