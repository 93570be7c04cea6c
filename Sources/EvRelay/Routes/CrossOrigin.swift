// SPDX-License-Identifier: MIT
import LibEvent
import WireFormat

/// What a request's Origin means for its answer (Fetch standard, "CORS protocol").
enum CrossOrigin: Equatable, Sendable {
    /// No Origin, or this server's own.
    case sameOrigin
    /// A page elsewhere that may read and upload; the text is the value of Access-Control-Allow-Origin.
    case allowed(String)
    /// A page elsewhere that may not.
    case foreign(String)

    /// Judges a head. The scheme of the server's own origin is left out of the comparison: behind a proxy that ends TLS
    /// the page's is https and ours is http.
    init(_ head: RequestHead, allowed: AllowedOrigins) {
        guard let origin = head.field("origin") else {
            self = .sameOrigin
            return
        }
        if let host = head.field("host"), !host.isEmpty, let separator = origin.firstRange(of: "://"),
            origin[separator.upperBound...].lowercased() == host.lowercased()
        {
            self = .sameOrigin
        } else if allowed.allows(origin) {
            self = .allowed(allowed.isAny ? "*" : origin)
        } else {
            self = .foreign(origin)
        }
    }

    /// Fields of every answer, given whether other origins are allowed at all: then caches must keep answers to
    /// different origins apart.
    func headers(variesByOrigin: Bool) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = variesByOrigin ? [("Vary", "Origin")] : []
        if case .allowed(let origin) = self {
            headers.append(("Access-Control-Allow-Origin", origin))
            headers.append(("Access-Control-Expose-Headers", "ETag, X-Timestamp, X-Frame-Sequence"))
        }
        return headers
    }

    /// Fields that scripts may send beside the ones that need no asking.
    private static let allowedFields = "Content-Type, Authorization, X-Publisher-ID, X-Requested-With"

    /// Fields of the answer to a preflight, beside those of every answer.
    /// - Parameter isFromPublicNetwork: whether the browser asks for leave to reach into a private network (Private Network
    ///   Access, section 3.1).
    func preflightHeaders(methods: String, isFromPublicNetwork: Bool) -> [(name: String, value: String)] {
        guard case .allowed = self else { return [] }
        let fields = [
            (name: "Access-Control-Allow-Methods", value: methods),
            (name: "Access-Control-Allow-Headers", value: Self.allowedFields),
            (name: "Access-Control-Max-Age", value: "600"),
        ]
        return isFromPublicNetwork
            ? fields + [(name: "Access-Control-Allow-Private-Network", value: "true")] : fields
    }
}
