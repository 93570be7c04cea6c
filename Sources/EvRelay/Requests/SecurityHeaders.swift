// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import WireFormat

/// The fields by which browsers keep pages of other sites away from this server's content.
///
/// A value, made anew with each reload.
struct SecurityHeaders: Sendable {
    typealias Field = (name: String, value: String)

    /// The kind of an answer's content, as far as pages of other sites are concerned.
    enum Content: Sendable, Equatable {
        /// A page, or a file that a page loads.
        case file
        /// JSON, and everything else that programs read.
        case data
        /// A stream or snapshot, which every site may show in an `<img>`; see `resourcePolicy` for the exception.
        case picture
    }

    /// Fields of every answer. No content is read as another type than declared, and no address, which may hold a key,
    /// is passed on to other sites.
    static let always: [Field] = [("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer")]

    /// Fields that keep caches and proxies from buffering a stream.
    static let unbuffered: [Field] = [
        ("Cache-Control", "no-store, no-cache, must-revalidate, max-age=0, no-transform"),
        ("Pragma", "no-cache"),
        // Without it nginx holds small frames back for seconds.
        ("X-Accel-Buffering", "no"),
    ]

    /// Features that no page needs. Wake lock, full screen and clipboard are used, and need no entry here.
    private static let unusedFeatures = ["microphone", "geolocation", "display-capture", "payment", "usb"]
    /// The pages that open this device's camera; the doctor's page does so to check that it works.
    private static let cameraPages: Set<String> = ["/camera", "/camera.html", "/doctor", "/doctor.html"]

    private let transport: [Field]
    private let contentPolicy: Field

    init(_ configuration: Configuration) {
        let (seconds, _) = configuration.tls.hsts.components
        // Zero would take back an earlier policy; off sends nothing.
        transport =
            configuration.tls.hsts > .zero ? [("Strict-Transport-Security", "max-age=\(max(1, seconds))")] : []
        // `blob:` is for frames painted from memory.
        contentPolicy = (
            "Content-Security-Policy",
            "default-src 'self'; img-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
                + "frame-ancestors \(Self.sources(configuration.frameAncestors))"
        )
    }

    /// Returns the fields of every answer.
    /// - Parameter isSecure: true if the client's connection is encrypted. Otherwise browsers must ignore
    ///   Strict-Transport-Security (RFC 6797 section 8.1).
    func everywhere(isSecure: Bool) -> [Field] { isSecure ? Self.always + transport : Self.always }

    /// Returns the fields of the page or file at `path`, in addition to those of every answer.
    /// - Parameter isSecure: true if the client's connection is encrypted. Otherwise browsers complain about an opener
    ///   policy.
    func file(at path: String, isSecure: Bool) -> [Field] {
        let camera = Self.cameraPages.contains(path) ? "camera=(self)" : "camera=()"
        let features = [camera] + Self.unusedFeatures.map { "\($0)=()" }
        return [
            contentPolicy, ("Permissions-Policy", features.joined(separator: ", ")),
        ] + (isSecure ? [("Cross-Origin-Opener-Policy", "same-origin")] : [])
    }

    /// Returns the field that tells whether pages of other sites may load `content` without CORS (Fetch standard,
    /// "Cross-Origin-Resource-Policy").
    /// - Parameter isAuthorizedByField: true if the request was granted by its Authorization field. Browsers send a
    ///   password once typed in with every request, also with those of another site's `<img>`.
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
