// SPDX-License-Identifier: MIT
import Cameras
import WireFormat

// Refusals of requests of any kind.
extension Refusal {
    static let notFound = Refusal(.notFound, "There is nothing here; the pages begin at /.")

    static let bodyNotWanted = Refusal(.badRequest, "This request must not carry a body.")

    static let bodyTooSlow = Refusal(.tooSlow, "The body took too long (--body-timeout).")

    /// The refusal of long-lived requests during a shutdown.
    static let draining = Refusal(.draining, "The server is shutting down. Try again in a moment.")

    /// The refusal to redirect a client without a usable Host field to TLS.
    static let unknownTLSAddress = Refusal(
        .badRequest, "This page is served with TLS only, and the Host field does not say where.")

    /// The refusal of a request that needs a digest which this system's OpenSSL lacks.
    static func missingDigest(_ digest: String) -> Refusal {
        Refusal(.internalError, "This system's OpenSSL has no \(digest).")
    }

    /// The refusal of the method of `head`: 501 if it is unknown, else 405 (RFC 9110 section 15.5.6).
    /// - Parameter allowed: the value of Allow.
    static func method(of head: RequestHead, allowed: String) -> Refusal {
        head.method == .other
            ? Refusal(.unknownMethod, "\(head.methodName.prefix(20)) is not known; use \(allowed).")
            : Refusal(.methodNotAllowed, "\(head.methodName) is not possible here; use \(allowed).")
    }

    init(_ error: RouteError) {
        switch error {
        case .notFound: self = .notFound
        case .badCameraName(let name):
            self.init(
                .badCameraName,
                "\"\(Self.excerpt(name, 80))\" is no camera name; a name has \(CameraID.accepted).")
        }
    }

    init(_ error: ParameterError) {
        self.init(
            .badParameter,
            "\(error.name)=\(Self.excerpt(error.value, 40)) cannot be used; accepted: \(error.accepted).")
    }
}
