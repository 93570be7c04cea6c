// SPDX-License-Identifier: MIT
import Cameras
import WireFormat

/// The routes of all features, by their addresses.
///
/// A value, made once.
struct RouteTable: Sendable {
    /// The rows whose addresses begin with the same word: one look-up a request.
    private struct Word: Sendable {
        var alone: Route?
        var named: Route?
        var camera: Route?
        /// By their second word.
        var pairs: [String: Route] = [:]
        /// By the action after them.
        var actions: [String: Route] = [:]
    }

    /// The number of rows.
    let count: Int
    private var words: [String: Word] = [:]
    /// The rows of the root, by their action.
    private var actions: [String: Route] = [:]
    private var numberedActions: [String: Route] = [:]
    private var other: Route
    /// The server itself (`OPTIONS *`), which accepts no other method.
    private static let server = Route(name: "server", address: .words("*"), methods: []) { _, call in
        call.refuse(.notFound)
    }
    private static let unknown = Route(name: "unknown", address: .everyOther) { _, call in call.refuse(.notFound) }

    /// - Precondition: no address has two rows.
    init(_ routes: [Route]) {
        precondition(Set(routes.map(\.address)).count == routes.count, "two rows have the same address")
        count = routes.count
        other = Self.unknown
        for route in routes {
            switch route.address {
            case .words(let first, nil): words[first, default: Word()].alone = route
            case .words(let first, let second?): words[first, default: Word()].pairs[second] = route
            case .named(let first): words[first, default: Word()].named = route
            case .camera(let first): words[first, default: Word()].camera = route
            case .cameraAction(let first, let action): words[first, default: Word()].actions[action] = route
            case .action(let action): actions[action] = route
            case .numberedAction(let action): numberedActions[action] = route
            case .everyOther: other = route
            }
        }
    }

    /// Returns the row of a decoded path and its query. Slashes that are doubled or at the end, as programs produce
    /// when they join addresses, make no difference, except for pages with relative links.
    func match(_ path: String, _ query: Query) throws(RouteError) -> RouteMatch {
        guard path != "*" else { return RouteMatch(route: Self.server, path: path) }
        let segments = path.split(separator: "/")
        guard let first = segments.first else { return try root(path, query) }
        guard segments.count <= 2, let word = words[String(first)] else { return RouteMatch(route: other, path: path) }
        let name = segments.count == 2 ? segments.last : nil
        let exact = if let name { word.pairs.isEmpty ? nil : word.pairs[String(name)] } else { word.alone }
        if let exact { return RouteMatch(route: exact, path: path) }
        if !word.actions.isEmpty, let action = query["action"], let route = word.actions[action] {
            return try camera(route, name, path)
        }
        guard let route = name == nil ? word.camera : word.named ?? word.camera else {
            return RouteMatch(route: other, path: path)
        }
        return try camera(route, name, path)
    }

    /// Returns the row of `/`, which users of mjpg-streamer call with `?action=`.
    private func root(_ path: String, _ query: Query) throws(RouteError) -> RouteMatch {
        guard let action = query["action"] else { return RouteMatch(route: other, path: path) }
        let words = action.split(separator: "_", maxSplits: 1, omittingEmptySubsequences: false)
        let word = words.first.map(String.init) ?? ""
        guard words.count == 2 else {
            guard let route = actions[word] else { throw .notFound }
            return try camera(route, query["camera"].map { $0[...] }, path)
        }
        guard WholeNumber.isDigits(words[1].utf8), let number = Int(words[1]),
            let route = numberedActions[word]
        else { throw .notFound }
        return RouteMatch(route: route, path: path, number: number)
    }

    private func camera(_ route: Route, _ name: Substring?, _ path: String) throws(RouteError) -> RouteMatch {
        guard let name else { return RouteMatch(route: route, path: path, reference: .default) }
        guard let reference = CameraReference(name, endings: route.endings) else { throw .badCameraName(String(name)) }
        return RouteMatch(route: route, path: path, reference: reference, hasName: true)
    }
}
