// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import WireFormat

/// A row of the table of routes: addresses, what may be sent there, who may ask, and the handler of the requests.
struct Route: Sendable {
    /// The handler of a request to the route. Called on the loop of the call's worker.
    typealias Handler = @Sendable (_ match: RouteMatch, _ call: Call) throws(AccessRefusal) -> Admission

    /// The form of a route's addresses. Slashes that are doubled or at the end make no difference.
    enum Address: Hashable, Sendable {
        /// One word or two, and nothing after them: `/healthz`, `/doctor/info`.
        case words(String, String? = nil)
        /// A word before a camera's name: `/cameras/door`.
        case named(String)
        /// A word alone, which means the default camera, or before a camera's name: `/upload`, `/upload/door`.
        case camera(String)
        /// As `camera`, with `?action=` after it: `/watch/door?action=stream`.
        case cameraAction(String, action: String)
        /// The root with mjpg-streamer's `?action=`, for the camera of `&camera=`, else the default one.
        case action(String)
        /// The root with mjpg-streamer's `?action=WORD_N`: the camera at this position by name, counted from 0.
        case numberedAction(String)
        /// Every path that has no other row.
        case everyOther
    }

    /// The name of the operation, which several rows may share.
    let name: String
    let address: Address
    /// The endings that a camera's name may have in the address, in lower case, with the dot.
    var endings: [String] = []
    /// The methods that the route accepts, in addition to OPTIONS.
    var methods: [RequestHead.Method] = [.get, .head]
    /// The kind of content of the answers.
    var content = SecurityHeaders.Content.data
    /// True for pages that people open, which may be redirected to another address.
    var isPage = false
    /// True for uploads: pages of foreign origins are refused, and refusals are counted separately.
    var isUpload = false
    /// The rights of which the client needs one before the handler is called, on the camera of the address if that
    /// names one; empty if everybody may ask or the handler checks.
    var rights: [Right] = []
    let handler: Handler

    /// The value of the Allow field.
    var allow: String { (methods + [.options]).map(\.rawValue).joined(separator: ", ") }

    /// Returns the answer to a request that this row matches.
    func answer(_ match: RouteMatch, _ call: Call) throws(AccessRefusal) -> Admission {
        if isUpload { try call.refuseForeignPublishing() }
        guard !rights.isEmpty else { return try handler(match, call) }
        return try handler(match, try call.granted(rights, on: match.reference.map(call.resolve)))
    }
}

/// A request's path as a row of the table has matched it.
struct RouteMatch: Sendable {
    let route: Route
    /// The decoded path.
    let path: String
    /// The camera of the address; nil if the address is not a camera's.
    var reference: CameraReference?
    /// True if the address has a name after its first word.
    var hasName = false
    /// The position of `numberedAction`.
    var number: Int?
}

/// The reason for which a path has no route.
enum RouteError: Error, Equatable, Sendable {
    case notFound
    case badCameraName(String)
}
