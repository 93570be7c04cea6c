// SPDX-License-Identifier: MIT
import LibEvent
import WireFormat

/// The fields by which browsers keep pages of other sites away from what is not theirs.
///
/// A value, made anew with each reload.
struct SecurityHeaders: Sendable {
    typealias Field = (name: String, value: String)

    /// What an answer is, as far as other sites' pages are concerned.
    enum Content: Sendable, Equatable {
        /// A page, or a file that a page loads.
        case file
        /// JSON and everything else that is read by programs.
        case data
        /// A stream or snapshot, which every site may show in an `<img>`.
        case picture
    }

    /// Nothing is taken for another type than it says, and no address, which may hold a key, goes along to other sites.
    static let always: [Field] = [("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer")]

    /// What no page needs. Screens stay awake, fill up and copy without being asked here.
    private static let unusedFeatures = ["microphone", "geolocation", "display-capture", "payment", "usb"]
    /// The pages that open this device's camera; the second one to see whether that works.
    private static let cameraPages: Set<String> = ["/camera", "/camera.html", "/doctor", "/doctor.html"]

    private let transport: [Field]
    private let contentPolicy: Field

    init(_ configuration: Configuration) {
        let (seconds, _) = configuration.tls.hsts.components
        // Zero would take back what was said before, and off says nothing.
        transport =
            configuration.tls.hsts > .zero ? [("Strict-Transport-Security", "max-age=\(max(1, seconds))")] : []
        // `blob:` is for frames painted from memory.
        contentPolicy = (
            "Content-Security-Policy",
            "default-src 'self'; img-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
                + "frame-ancestors \(Self.sources(configuration.frameAncestors))"
        )
    }

    /// Fields of every answer.
    /// - Parameter isSecure: whether the client's connection is encrypted; otherwise browsers must ignore what is said
    ///   about that (RFC 6797 section 8.1).
    func everywhere(isSecure: Bool) -> [Field] { isSecure ? Self.always + transport : Self.always }

    /// Fields of the page or file at `path`, beside those of every answer.
    /// - Parameter isSecure: as above; browsers complain of an opener policy without encryption.
    func file(at path: String, isSecure: Bool) -> [Field] {
        let camera = Self.cameraPages.contains(path) ? "camera=(self)" : "camera=()"
        let features = [camera] + Self.unusedFeatures.map { "\($0)=()" }
        return [
            contentPolicy, ("Permissions-Policy", features.joined(separator: ", ")),
        ] + (isSecure ? [("Cross-Origin-Opener-Policy", "same-origin")] : [])
    }

    /// Whether pages of other sites may have `content` without asking as scripts do (Fetch standard,
    /// "Cross-Origin-Resource-Policy").
    /// - Parameter isAuthorizedByField: whether the request was answered because of its Authorization field: browsers
    ///   send a password once typed in with every request, also with those of another site's `<img>`.
    static func resourcePolicy(_ content: Content, _ origin: CrossOrigin, isAuthorizedByField: Bool) -> Field {
        let isShared =
            switch (content, origin) {
            case (.file, _): false
            case (_, .allowed): true
            case (.picture, _): !isAuthorizedByField
            case (.data, _): false
            }
        return ("Cross-Origin-Resource-Policy", isShared ? "cross-origin" : "same-origin")
    }

    private static func sources(_ ancestors: FrameAncestors) -> String {
        if ancestors.isNobody { return "'none'" }
        if ancestors.isAny { return "*" }
        return (["'self'"] + ancestors.named.map(\.description).sorted()).joined(separator: " ")
    }
}

extension Route {
    /// What its answers are.
    var content: SecurityHeaders.Content {
        switch self {
        case .file, .watchDefault: .file
        case .stream, .snapshot, .numberedStream, .numberedSnapshot: .picture
        case .upload, .cameras, .camera, .health, .readiness, .metrics, .doctorInfo, .doctorStream, .doctorEcho,
            .doctorSocket, .server:
            .data
        }
    }
}
