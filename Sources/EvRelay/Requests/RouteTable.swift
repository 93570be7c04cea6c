// SPDX-License-Identifier: MIT
import Cameras
import WireFormat

/// The routes of all features, by their addresses.
///
/// A value, made once.
struct RouteTable: Sendable {
    private let rows: [Route.Address: Route]
    private let other: Route
    /// The server itself (`OPTIONS *`), which accepts no other method.
    private static let server = Route(name: "server", address: .words("*"), methods: []) { _, call in
        call.refuse(.notFound)
    }
    private static let unknown = Route(name: "unknown", address: .everyOther) { _, call in call.refuse(.notFound) }

    /// - Precondition: no address has two rows.
    init(_ routes: [Route]) {
        rows = Dictionary(routes.map { ($0.address, $0) }) { first, second in
            preconditionFailure("\(first.name) and \(second.name) have the same address")
        }
        other = rows[.everyOther] ?? Self.unknown
    }

    /// The number of rows.
    var count: Int { rows.count }

    /// Returns the row of a decoded path and its query. Slashes that are doubled or at the end, as programs produce
    /// when they join addresses, make no difference, except for pages with relative links.
    func match(_ path: String, _ query: Query) throws(RouteError) -> RouteMatch {
        guard path != "*" else { return RouteMatch(route: Self.server, path: path) }
        let segments = path.split(separator: "/")
        guard let first = segments.first.map(String.init) else { return try root(path, query) }
        guard segments.count <= 2 else { return RouteMatch(route: other, path: path) }
        let name = segments.count == 2 ? segments.last : nil
        if let route = rows[.words(first, name.map(String.init))] { return RouteMatch(route: route, path: path) }
        if let action = query["action"], let route = rows[.cameraAction(first, action: action)] {
            return try camera(route, name, path)
        }
        if name != nil, let route = rows[.named(first)] { return try camera(route, name, path) }
        if let route = rows[.camera(first)] { return try camera(route, name, path) }
        return RouteMatch(route: other, path: path)
    }

    /// Returns the row of `/`, which users of mjpg-streamer call with `?action=`.
    private func root(_ path: String, _ query: Query) throws(RouteError) -> RouteMatch {
        guard let action = query["action"] else { return RouteMatch(route: other, path: path) }
        let words = action.split(separator: "_", maxSplits: 1, omittingEmptySubsequences: false)
        let word = words.first.map(String.init) ?? ""
        guard words.count == 2 else {
            guard let route = rows[.action(word)] else { throw .notFound }
            return try camera(route, query["camera"].map { $0[...] }, path)
        }
        guard WholeNumber.isDigits(words[1].utf8), let number = Int(words[1]),
            let route = rows[.numberedAction(word)]
        else { throw .notFound }
        return RouteMatch(route: route, path: path, number: number)
    }

    private func camera(_ route: Route, _ name: Substring?, _ path: String) throws(RouteError) -> RouteMatch {
        guard let name else { return RouteMatch(route: route, path: path, reference: .default) }
        guard let reference = CameraReference(name, endings: route.endings) else { throw .badCameraName(String(name)) }
        return RouteMatch(route: route, path: path, reference: reference, hasName: true)
    }
}
