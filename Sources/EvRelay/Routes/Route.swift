// SPDX-License-Identifier: MIT
import Cameras
import WireFormat

/// The meaning of a request's path.
enum Route: Equatable, Sendable {
    /// A page or a file that a page loads.
    case file(String)
    /// A redirect to the watch page of the default camera, below whose address its relative links work.
    case watchDefault
    case upload(CameraID)
    case stream(CameraReference, StreamBoundary)
    case snapshot(CameraReference)
    /// mjpg-streamer's form of a stream or snapshot: the camera at this position by name, counted from 0.
    case numberedStream(Int)
    case numberedSnapshot(Int)
    case cameras
    case camera(CameraID)
    case health
    case readiness
    case metrics
    /// The endpoints of the doctor, for its page and for a terminal.
    case doctorInfo
    case doctorStream
    case doctorEcho
    case doctorSocket
    /// The server itself (`OPTIONS *`).
    case server

    /// The methods that the route accepts, in addition to OPTIONS.
    var methods: [RequestHead.Method] {
        switch self {
        case .upload: [.post, .put]
        case .doctorEcho: [.post]
        case .server: []
        default: [.get, .head]
        }
    }

    /// True for pages that people open, which may be redirected to another address.
    var isPage: Bool {
        switch self {
        case .file, .watchDefault: true
        default: false
        }
    }

    /// The value of the Allow field.
    var allow: String { (methods + [.options]).map(\.rawValue).joined(separator: ", ") }

    /// Returns the route of a decoded path and its query. Slashes that are doubled or at the end, as programs produce
    /// when they join addresses, make no difference, except for pages with relative links.
    static func match(_ path: String, _ query: Query) throws(RouteError) -> Route {
        guard path != "*" else { return .server }
        let segments = path.split(separator: "/")
        guard let first = segments.first else { return try root(path, query) }
        guard segments.count <= 2 else { return .file(path) }
        let name = segments.count == 2 ? segments.last : nil
        switch first {
        case "watch": return try watch(path, name, query)
        case "upload": return .upload(try camera(name))
        case "stream": return .stream(try reference(name, streamEndings), .frame)
        case "snapshot": return .snapshot(try reference(name, snapshotEndings))
        case "snapshot.jpg" where name == nil: return .snapshot(.default)
        case "cameras": return name == nil ? .cameras : .camera(try camera(name))
        case "healthz" where name == nil: return .health
        case "readyz" where name == nil: return .readiness
        case "metrics" where name == nil: return .metrics
        case "doctor": return name.flatMap { doctor[$0] } ?? .file(path)
        default: return .file(path)
        }
    }

    private static let streamEndings = [".mjpg", ".mjpeg"]
    private static let snapshotEndings = [".jpg", ".jpeg"]

    /// Returns the route of one camera's watch page. The page is the same file for all cameras, so without JavaScript
    /// it knows its camera only by its own address, to which it adds `?action=stream`.
    private static func watch(
        _ path: String, _ name: Substring?, _ query: Query
    ) throws(RouteError) -> Route {
        let id = try camera(name)
        if query["action"] == "stream" { return .stream(CameraReference(id), .frame) }
        return name == nil ? .watchDefault : .file(path)
    }

    /// Returns the route of `/`, which users of mjpg-streamer call with `?action=`.
    private static func root(_ path: String, _ query: Query) throws(RouteError) -> Route {
        guard let action = query["action"] else { return .file(path) }
        let words = action.split(separator: "_", maxSplits: 1, omittingEmptySubsequences: false)
        let number = words.count == 2 && WholeNumber.isDigits(words[1].utf8) ? Int(words[1]) : nil
        guard words.count == 1 || number != nil else { throw .notFound }
        let name = query["camera"].map { $0[...] }
        switch words[0] {
        case "stream":
            if let number { return .numberedStream(number) }
            return .stream(try reference(name, streamEndings), .boundaryDoNotCross)
        case "snapshot":
            if let number { return .numberedSnapshot(number) }
            return .snapshot(try reference(name, snapshotEndings))
        default: throw .notFound
        }
    }

    private static let doctor: [Substring: Route] = [
        "info": .doctorInfo, "stream": .doctorStream, "echo": .doctorEcho, "socket": .doctorSocket,
    ]

    private static func camera(_ name: Substring?) throws(RouteError) -> CameraID {
        guard let name else { return .default }
        guard let id = CameraID(name) else { throw .badCameraName(String(name)) }
        return id
    }

    private static func reference(_ name: Substring?, _ endings: [String]) throws(RouteError) -> CameraReference {
        guard let name else { return .default }
        guard let reference = CameraReference(name, endings: endings) else { throw .badCameraName(String(name)) }
        return reference
    }
}

/// The reason for which a path has no route.
enum RouteError: Error, Equatable, Sendable {
    case notFound
    case badCameraName(String)
}
