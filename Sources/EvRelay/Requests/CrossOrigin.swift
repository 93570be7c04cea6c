// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import WireFormat

/// The meaning of a request's Origin for its answer (Fetch standard, "CORS protocol").
enum CrossOrigin: Equatable, Sendable {
    /// No Origin, or this server's own.
    case sameOrigin
    /// A page of another origin that may read and upload. The text is the value of Access-Control-Allow-Origin.
    case allowed(String)
    /// A page of another origin that may not. The text is its origin.
    case foreign(String)

    /// Reads the Origin of a head. Its comparison with the server's own origin leaves out the scheme: behind a proxy
    /// that ends TLS, the page has https and this server http.
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

    /// Returns the fields of every answer.
    /// - Parameter variesByOrigin: true if other origins are allowed by name. Caches must then keep answers to
    ///   different origins apart.
    func headers(variesByOrigin: Bool) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = variesByOrigin ? [("Vary", "Origin")] : []
        if case .allowed(let origin) = self {
            headers.append(("Access-Control-Allow-Origin", origin))
            headers.append(("Access-Control-Expose-Headers", "ETag, X-Timestamp, X-Frame-Sequence"))
        }
        return headers
    }

    /// Fields that scripts may send in addition to those that need no preflight.
    private static let allowedFields = "Content-Type, Authorization, X-Publisher-ID, X-Requested-With"

    /// Returns the fields of the answer to a preflight, in addition to those of every answer.
    /// - Parameter isFromPublicNetwork: true if the browser asks for permission to reach into a private network
    ///   (Private Network Access, section 3.1).
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
