// SPDX-License-Identifier: MIT
import Cameras

/// A camera as a URL names it: by its name, or by its name with an ending (`/snapshot/door.jpg`), for programs that
/// recognise a file by its ending.
struct CameraReference: Equatable, Sendable {
    /// The whole name, with its ending; nil if that is not a valid camera name.
    private let whole: CameraID?
    /// The name without its ending; nil if it has no ending, or the rest is not a valid camera name.
    private let short: CameraID?

    /// The reference of a URL without a name.
    static let `default` = CameraReference(.default)

    init(_ camera: CameraID) {
        whole = camera
        short = nil
    }

    /// Creates a reference; nil if `name` is not a valid camera name, with its ending or without.
    /// - Parameter endings: the endings that a name may have, in lower case, with the dot.
    init?(_ name: some StringProtocol, endings: [String]) {
        let ending = endings.first { name.lowercased().hasSuffix($0) }
        whole = CameraID(name)
        short = ending.flatMap { CameraID(name.dropLast($0.count)) }
        guard whole != nil || short != nil else { return nil }
    }

    /// Returns the camera with exactly the whole name if it exists or there is no ending; otherwise the camera of the
    /// name without the ending, which may not exist yet.
    func resolve(_ isThere: (CameraID) -> Bool) -> CameraID {
        if let whole, short == nil || isThere(whole) { return whole }
        return short ?? .default
    }
}
