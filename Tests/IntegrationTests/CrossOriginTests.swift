// SPDX-License-Identifier: MIT
import Cameras
import TestSupport
import Testing
import WireFormat

@testable import EvRelay

@Suite struct CrossOriginTests {
    /// One row: the allowed origins, the asking origin, and the expected answers.
    struct Case: Sendable, CustomTestStringConvertible {
        let allowed: [String]
        let origin: String?
        /// The value of Access-Control-Allow-Origin.
        let allows: String?
        let vary: String?
        let mayUpload: Bool

        var testDescription: String { "\(origin ?? "no origin") where \(allowed) is allowed" }
    }

    static let cases = [
        Case(allowed: [], origin: nil, allows: nil, vary: nil, mayUpload: true),
        Case(allowed: [], origin: "http://relay.local", allows: nil, vary: nil, mayUpload: true),
        // A proxy in front ends TLS: the page's origin is https, the relay sees plain HTTP.
        Case(allowed: [], origin: "https://RELAY.local", allows: nil, vary: nil, mayUpload: true),
        Case(allowed: [], origin: "http://relay.local:8080", allows: nil, vary: nil, mayUpload: false),
        Case(allowed: [], origin: "http://relay.local.evil.example", allows: nil, vary: nil, mayUpload: false),
        Case(allowed: [], origin: "https://site.example", allows: nil, vary: nil, mayUpload: false),
        Case(allowed: [], origin: "null", allows: nil, vary: nil, mayUpload: false),
        Case(
            allowed: ["https://site.example", "http://other.example:81"], origin: "https://site.example",
            allows: "https://site.example", vary: "Origin", mayUpload: true),
        Case(
            allowed: ["https://site.example", "http://other.example:81"], origin: "http://other.example:81",
            allows: "http://other.example:81", vary: "Origin", mayUpload: true),
        Case(allowed: ["https://site.example"], origin: nil, allows: nil, vary: "Origin", mayUpload: true),
        Case(
            allowed: ["https://site.example"], origin: "http://site.example", allows: nil, vary: "Origin",
            mayUpload: false),
        Case(
            allowed: ["https://site.example"], origin: "https://www.site.example", allows: nil, vary: "Origin",
            mayUpload: false),
        Case(allowed: ["https://site.example"], origin: "null", allows: nil, vary: "Origin", mayUpload: false),
        Case(allowed: ["*"], origin: "https://anywhere.example", allows: "*", vary: nil, mayUpload: true),
        Case(allowed: ["*"], origin: "null", allows: "*", vary: nil, mayUpload: true),
        Case(allowed: ["*"], origin: "http://relay.local", allows: nil, vary: nil, mayUpload: true),
    ]

    @Test(arguments: cases)
    func `an origin gets what it is allowed, on every route`(row: Case) throws {
        var origins = AllowedOrigins()
        for text in row.allowed { try origins.insert(parsing: text) }
        try withRelay({ $0.allowedOrigins = origins }) { relay in
            let client = try relay.connect()
            try client.publish(JPEGSamples.grey)
            let fields = row.origin.map { ["Origin: \($0)"] } ?? []
            let expose = row.allows == nil ? nil : "ETag, X-Timestamp, X-Frame-Sequence"

            func check(_ answer: TestResponse, _ what: String) {
                #expect(answer.field("access-control-allow-origin") == row.allows, "\(what)")
                #expect(answer.field("access-control-expose-headers") == expose, "\(what)")
                #expect(answer.field("vary") == row.vary, "\(what)")
                #expect(answer.field("access-control-allow-credentials") == nil, "\(what)")
            }
            for target in ["/", "/snapshot", "/cameras", "/healthz", "/nothing", "/stream?fps=x", "/watch"] {
                check(try client.request("GET", target, fields), target)
            }
            check(try client.request("OPTIONS", "/upload", fields), "OPTIONS")
            let stream = try relay.connect()
            try stream.send(RequestText.head("GET", "/stream", fields))
            check(try stream.readHead(), "stream")

            // The browser prevents a foreign page from reading; the server prevents it from uploading.
            let upload = try relay.connect().upload(JPEGSamples.colour, to: "other", fields)
            #expect(upload.status == (row.mayUpload ? 200 : 403))
            #expect(row.mayUpload || upload.reason == "origin-not-allowed")
            check(upload, "upload")
            #expect(try client.request("GET", "/snapshot/other").status == (row.mayUpload ? 200 : 404))

            let preflight = try client.request(
                "OPTIONS", "/upload/other",
                fields + ["Access-Control-Request-Method: POST", "Access-Control-Request-Headers: content-type"])
            #expect(preflight.status == 204)
            check(preflight, "preflight")
            let isAllowed = row.allows != nil
            #expect(preflight.field("access-control-allow-methods") == (isAllowed ? "POST, PUT, OPTIONS" : nil))
            let sendable = "Content-Type, Authorization, X-Publisher-ID, X-Requested-With"
            #expect(preflight.field("access-control-allow-headers") == (isAllowed ? sendable : nil))
            #expect(preflight.field("access-control-max-age") == (isAllowed ? "600" : nil))
            let leave = "access-control-allow-private-network"
            #expect(preflight.field(leave) == nil)
            // A public page that reaches into a private network must ask for that, too.
            for (asks, given) in [("true", isAllowed ? "true" : nil), ("false", nil), ("", nil)] {
                let asking =
                    fields + [
                        "Access-Control-Request-Method: POST", "Access-Control-Request-Private-Network: \(asks)",
                    ]
                #expect(try client.request("OPTIONS", "/upload/other", asking).field(leave) == given)
            }
        }
    }

    @Test(arguments: [
        "X-Forwarded-For: 192.0.2.1", "Forwarded: for=192.0.2.1", "x-forwarded-for: 127.0.0.1", "X-Real-IP: 192.0.2.1",
        "Via: 1.1 proxy",
    ])
    func `what a proxy hands on may not publish, unless publishing is open`(field: String) throws {
        try withRelay { relay in
            let answer = try relay.upload(JPEGSamples.grey, to: "door", field)
            #expect(answer.status == 403)
            #expect(answer.reason == "publishing-not-allowed")
            #expect(try relay.request("GET", "/snapshot/door").status == 404)
            let stream = try relay.connect()
            try stream.send(RequestText.head("POST", "/upload", ["Transfer-Encoding: chunked", field]))
            #expect(try stream.readResponse(to: "POST").status == 403)
            // Watching is open to everybody.
            #expect(try relay.request("GET", "/cameras", field).status == 200)
        }
        try withRelay({ $0.isPublishingOpen = true }) { relay in
            #expect(try relay.upload(JPEGSamples.grey, to: "door", field).status == 200)
            // Open to everybody is not open to every web page.
            let foreign = try relay.upload(JPEGSamples.grey, to: "door", "Origin: https://site.example")
            #expect(foreign.reason == "origin-not-allowed")
        }
    }
}
