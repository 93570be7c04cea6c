// SPDX-License-Identifier: MIT

/// A camera as an address names it: by its name, or by that with an ending behind it (`/snapshot/door.jpg`), as programs
/// want it that know a file by its ending.
struct CameraReference: Equatable, Sendable {
    /// The whole name; nil if it is none.
    private let whole: CameraID?
    /// The name without the ending; nil if it has no ending, or is none.
    private let short: CameraID?

    /// The meaning of an address without a name.
    static let `default` = CameraReference(.default)

    init(_ camera: CameraID) {
        whole = camera
        short = nil
    }

    /// Nil if `name` is no camera's, with the ending or without.
    /// - Parameter endings: what may stand behind the name, in lower case, with the dot.
    init?(_ name: some StringProtocol, endings: [String]) {
        let ending = endings.first { name.lowercased().hasSuffix($0) }
        whole = CameraID(name)
        short = ending.flatMap { CameraID(name.dropLast($0.count)) }
        guard whole != nil || short != nil else { return nil }
    }

    /// The camera that is meant: the one of that very name if it is there, otherwise the one without the ending, which may
    /// come yet.
    func resolve(_ isThere: (CameraID) -> Bool) -> CameraID {
        if let whole, short == nil || isThere(whole) { return whole }
        return short ?? .default
    }
}
