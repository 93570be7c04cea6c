// SPDX-License-Identifier: MIT
import Cameras
import Testing
import WireFormat

@testable import EvRelay

@Suite struct SecurityHeadersTests {
    private static func headers(_ change: (inout Configuration) -> Void = { _ in }) -> SecurityHeaders {
        var configuration = Configuration(cores: 1)
        change(&configuration)
        return SecurityHeaders(configuration)
    }

    private static func value(_ name: String, _ fields: [SecurityHeaders.Field]) -> String? {
        fields.first { $0.name == name }?.value
    }

    @Test func `every answer says that types are true and that addresses stay here`() {
        for isSecure in [true, false] {
            let fields = Self.headers().everywhere(isSecure: isSecure)
            #expect(fields.map(\.name) == ["X-Content-Type-Options", "Referrer-Policy"])
            #expect(fields.map(\.value) == ["nosniff", "no-referrer"])
        }
    }

    @Test(arguments: [
        (Duration.zero, true, String?.none), (.seconds(86400), true, "max-age=86400"), (.seconds(86400), false, nil),
        (.seconds(17520 * 3600), true, "max-age=63072000"), (.milliseconds(1), true, "max-age=1"),
        (.milliseconds(2500), true, "max-age=2"),
    ])
    func `TLS alone is asked for only where it was wanted, and only by TLS`(
        _ hsts: Duration, _ isSecure: Bool, _ expected: String?
    ) {
        let fields = Self.headers { $0.tls.hsts = hsts }.everywhere(isSecure: isSecure)
        #expect(Self.value("Strict-Transport-Security", fields) == expected)
    }

    @Test(arguments: [
        ([], "'self'"), (["none"], "'none'"), (["*"], "*"), (["*", "https://a.example"], "*"),
        (["https://b.example:8443", "http://A.example"], "'self' http://a.example https://b.example:8443"),
    ])
    func `those who may show the pages in a frame are named`(_ texts: [String], _ sources: String) throws {
        var ancestors = FrameAncestors()
        for text in texts { try ancestors.insert(parsing: text) }
        let headers = Self.headers { $0.frameAncestors = ancestors }
        #expect(
            Self.value("Content-Security-Policy", headers.file(at: "/", isSecure: true))
                == "default-src 'self'; img-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
                + "frame-ancestors \(sources)")
    }

    @Test(arguments: [
        ("/camera", true), ("/camera.html", true), ("/doctor", true), ("/doctor.html", true), ("/", false),
        ("/watch/camera", false), ("/js/camera.js", false), ("/camera/", false), ("/Camera", false),
    ])
    func `only pages that open the camera may`(_ path: String, _ mayOpen: Bool) {
        let rest = ", microphone=(), geolocation=(), display-capture=(), payment=(), usb=()"
        #expect(
            Self.value("Permissions-Policy", Self.headers().file(at: path, isSecure: true))
                == (mayOpen ? "camera=(self)" : "camera=()") + rest)
    }

    @Test func `an opener policy is sent over encrypted connections only`() {
        let headers = Self.headers()
        #expect(Self.value("Cross-Origin-Opener-Policy", headers.file(at: "/", isSecure: true)) == "same-origin")
        #expect(Self.value("Cross-Origin-Opener-Policy", headers.file(at: "/", isSecure: false)) == nil)
    }

    @Test(arguments: [
        (SecurityHeaders.Content.file, CrossOrigin.sameOrigin, false, false),
        (.file, .allowed("https://a.example"), false, false), (.file, .foreign("https://a.example"), false, false),
        (.data, .sameOrigin, false, false), (.data, .foreign("https://a.example"), false, false),
        (.data, .allowed("https://a.example"), false, true), (.data, .allowed("*"), true, true),
        // An `<img>` on another site sends no Origin.
        (.picture, .sameOrigin, false, true), (.picture, .foreign("https://a.example"), false, true),
        (.picture, .sameOrigin, true, false), (.picture, .foreign("https://a.example"), true, false),
        (.picture, .allowed("https://a.example"), true, true),
    ])
    func `pictures are for every site, but not by a password that the browser adds`(
        _ content: SecurityHeaders.Content, _ origin: CrossOrigin, _ isAuthorizedByField: Bool, _ isShared: Bool
    ) {
        let field = SecurityHeaders.resourcePolicy(content, origin, isAuthorizedByField: isAuthorizedByField)
        #expect(field.name == "Cross-Origin-Resource-Policy")
        #expect(field.value == (isShared ? "cross-origin" : "same-origin"))
    }
}
