// SPDX-License-Identifier: MIT
import Cameras
import TestSupport
import Testing
import WireFormat

@testable import EvRelay

/// The meaning of a path, as a row of the table has matched it.
private enum Meaning: Equatable {
    case file(String)
    case watchDefault
    case upload(CameraID)
    case stream(CameraReference, StreamBoundary)
    case snapshot(CameraReference)
    case numberedStream(Int)
    case numberedSnapshot(Int)
    case cameras
    case camera(CameraID)
    case health
    case readiness
    case metrics
    case doctorInfo
    case doctorStream
    case doctorEcho
    case doctorSocket
    case doctorFindings
    case server

    init?(_ match: RouteMatch) {
        let reference = match.reference ?? .default
        let camera = reference.resolve { _ in false }
        switch match.route.name {
        case "file": self = .file(match.path)
        case "watch": self = match.hasName ? .file(match.path) : .watchDefault
        case "upload": self = .upload(camera)
        case "stream": self = .stream(reference, .frame)
        case "mjpg-streamer's stream": self = .stream(reference, .boundaryDoNotCross)
        case "snapshot": self = .snapshot(reference)
        case "numbered stream": self = .numberedStream(match.number ?? -1)
        case "numbered snapshot": self = .numberedSnapshot(match.number ?? -1)
        case "cameras": self = .cameras
        case "camera": self = .camera(camera)
        case "health": self = .health
        case "readiness": self = .readiness
        case "metrics": self = .metrics
        case "doctor info": self = .doctorInfo
        case "doctor stream": self = .doctorStream
        case "doctor echo": self = .doctorEcho
        case "doctor socket": self = .doctorSocket
        case "doctor findings": self = .doctorFindings
        case "server": self = .server
        default: return nil
        }
    }
}

@Suite struct RouteTests {
    private static let table = RouteTable(Features.make(Configuration()).flatMap(\.routes))

    private static func match(_ target: String, _ method: String = "GET") throws -> RouteMatch {
        let head = try head("\(method) \(target) HTTP/1.1", "Host: x")
        return try table.match(head.path, head.query)
    }

    /// Returns the meaning of a target as a client writes it.
    private static func route(_ target: String, _ method: String = "GET") throws -> Meaning? {
        Meaning(try match(target, method))
    }

    @Test func `without a name each path means the default camera`() throws {
        #expect(try Self.route("/upload") == .upload(.default))
        #expect(try Self.route("/stream") == .stream(.default, .frame))
        #expect(try Self.route("/snapshot") == .snapshot(.default))
        #expect(try Self.route("/snapshot.jpg") == .snapshot(.default))
        #expect(try Self.route("/watch") == .watchDefault)
    }

    @Test func `a name behind the path means that camera`() throws {
        let door = try camera("door")
        #expect(try Self.route("/upload/door") == .upload(door))
        #expect(try Self.route("/stream/door") == .stream(CameraReference(door), .frame))
        #expect(try Self.route("/snapshot/door") == .snapshot(CameraReference(door)))
        #expect(try Self.route("/cameras/door") == .camera(door))
        #expect(try Self.route("/watch/door") == .file("/watch/door"))
        #expect(try Self.route("/stream/d%6For") == .stream(CameraReference(door), .frame))
    }

    @Test func `the other paths`() throws {
        #expect(try Self.route("/cameras") == .cameras)
        #expect(try Self.route("/healthz") == .health)
        #expect(try Self.route("/readyz") == .readiness)
        #expect(try Self.route("/metrics") == .metrics)
        #expect(try Self.route("/doctor/info?x=1") == .doctorInfo)
        #expect(try Self.route("/doctor/stream?parts=1") == .doctorStream)
        #expect(try Self.route("/doctor/echo", "POST") == .doctorEcho)
        #expect(try Self.route("/doctor/socket") == .doctorSocket)
        #expect(try Self.route("/doctor/findings", "POST") == .doctorFindings)
        #expect(try Self.route("/") == .file("/"))
        #expect(try Self.route("http://x") == .file("/"))
        #expect(try Self.route("*", "OPTIONS") == .server)
    }

    @Test(arguments: [
        "/camera", "/index.html", "/css/app.css", "/js/net/stream.js", "/favicon.svg", "/streams", "/Stream",
        "/upload/a/b", "/stream/a/b", "/stream/a%2Fb", "/healthz/x", "/snapshot.jpg/x", "//", "//streams",
        "/cameras/a/b", "/watch/a/b", "/live", "/metrics/x", "/doctor", "/doctor/x", "/doctor/", "/doctor/info/x",
        "/doctor/Info", "/readyz/x",
    ])
    func `every other path is a file's, which may not be there`(_ target: String) throws {
        let path = target.split(separator: "%2F").joined(separator: "/")
        #expect(try Self.route(target) == .file(path))
    }

    @Test(arguments: ["", "/", "//"], ["/", "//"])
    func `slashes too many make no difference where no page is`(_ end: String, _ start: String) throws {
        #expect(try Self.route("\(start)upload\(end)") == .upload(.default))
        #expect(try Self.route("\(start)stream\(end)") == .stream(.default, .frame))
        #expect(try Self.route("\(start)snapshot\(end)") == .snapshot(.default))
        #expect(try Self.route("\(start)cameras\(end)") == .cameras)
        #expect(try Self.route("\(start)watch\(end)") == .watchDefault)
        #expect(try Self.route("\(start)healthz\(end)") == .health)
        #expect(try Self.route("\(start)snapshot//door\(end)") == .snapshot(CameraReference(camera("door"))))
        #expect(try Self.route("\(start)?action=snapshot") == .snapshot(.default))
    }

    @Test(arguments: ["/snapshot/.jpg", "/snapshot/.jpeg", "/stream/.mjpg", "/snapshot/.a.jpg"])
    func `an ending without a name is a bad one`(_ target: String) {
        #expect(throws: RouteError.self) { try Self.route(target) }
    }

    /// A watch page without JavaScript knows its camera only by the page's own address.
    @Test func `a watch page's address with an action is its stream`() throws {
        #expect(try Self.route("/watch/door?action=stream") == .stream(CameraReference(camera("door")), .frame))
        #expect(try Self.route("/watch?action=stream") == .stream(.default, .frame))
        #expect(try Self.route("/watch/door?action=snapshot") == .file("/watch/door"))
    }

    @Test(arguments: ["?1595836800000", "?_=1", "?", "?a?b", "&x=1?2"])
    func `what scripts put behind an address against caches makes no difference`(_ more: String) throws {
        #expect(try Self.route("/?action=snapshot\(more)") == .snapshot(.default))
        #expect(try Self.route("/?action=stream_3\(more)") == .numberedStream(3))
        #expect(
            try Self.route("/?action=stream&camera=door\(more)")
                == .stream(CameraReference(camera("door")), .boundaryDoNotCross))
    }

    @Test(arguments: ["upload", "stream", "snapshot", "cameras", "watch"])
    func `a name that is none is refused, and told`(_ path: String) {
        for name in [".hidden", "..", "a b", "a\"b", "дверь", String(repeating: "x", count: 65)] {
            let encoded = name.utf8.map { "%" + String($0, radix: 16) }.joined()
            #expect(throws: RouteError.badCameraName(name)) { try Self.route("/\(path)/\(encoded)") }
        }
    }

    @Test func `mjpg-streamer's addresses`() throws {
        #expect(try Self.route("/?action=stream") == .stream(.default, .boundaryDoNotCross))
        #expect(try Self.route("/?action=snapshot") == .snapshot(.default))
        #expect(
            try Self.route("/?action=stream&camera=door")
                == .stream(CameraReference(camera("door")), .boundaryDoNotCross))
        #expect(try Self.route("/?camera=door&action=snapshot") == .snapshot(CameraReference(camera("door"))))
        #expect(try Self.route("/?action=stream_0") == .numberedStream(0))
        #expect(try Self.route("/?action=stream_12") == .numberedStream(12))
        #expect(try Self.route("/?action=snapshot_3") == .numberedSnapshot(3))
        #expect(try Self.route("/?x=1&action=stream&y") == .stream(.default, .boundaryDoNotCross))
    }

    @Test(arguments: [
        "", "=", "=command", "=streams", "=Stream", "=stream_", "=stream_x", "=stream_-1", "=stream_1_2",
        "=stream_99999999999999999999", "=snapshot_", "=snapshot_0x1", "=_1", "=take&action=stream", "=stream_1.0",
        "=stream_%2B1", "=stream_%201",
    ])
    func `other actions and numbers are not found`(_ action: String) {
        #expect(throws: RouteError.notFound) { try Self.route("/?action\(action)") }
    }

    @Test func `a bad name in an action is refused`() {
        #expect(throws: RouteError.badCameraName("a/b")) { try Self.route("/?action=stream&camera=a/b") }
        #expect(throws: RouteError.badCameraName("")) { try Self.route("/?action=snapshot&camera=") }
    }

    @Test func `an action counts at the root alone and other queries nowhere`() throws {
        #expect(try Self.route("/index.html?action=stream") == .file("/index.html"))
        #expect(try Self.route("/?camera=door") == .file("/"))
        #expect(try Self.route("/cameras?action=stream") == .cameras)
        #expect(try Self.route("/stream?camera=door") == .stream(.default, .frame))
    }

    @Test func `methods and Allow`() throws {
        #expect(try Self.match("/upload").route.allow == "POST, PUT, OPTIONS")
        #expect(try Self.match("/doctor/echo").route.allow == "POST, OPTIONS")
        #expect(try Self.match("/doctor/findings").route.allow == "POST, OPTIONS")
        #expect(try Self.match("*", "OPTIONS").route.allow == "OPTIONS")
        let readable = [
            "/", "/watch", "/stream", "/snapshot", "/?action=stream_0", "/?action=snapshot_0", "/cameras",
            "/cameras/door", "/healthz", "/readyz", "/metrics", "/doctor/info", "/doctor/stream", "/doctor/socket",
        ]
        for target in readable {
            let route = try Self.match(target).route
            #expect(route.methods == [.get, .head])
            #expect(route.allow == "GET, HEAD, OPTIONS")
        }
    }

    @Test func `a feature of the tests alone adds a route and takes none away`() throws {
        struct Greeting: Feature {
            var routes: [Route] {
                [
                    Route(name: "greeting", address: .camera("greet"), rights: [.view]) { _, call in
                        StatusHandler(call: call).health()
                    }
                ]
            }
        }
        let features: [any Feature] = Features.make(Configuration()) + [Greeting()]
        let table = RouteTable(features.flatMap(\.routes))
        let head = try head("GET /greet/door HTTP/1.1", "Host: x")
        let match = try table.match(head.path, head.query)
        #expect(match.route.name == "greeting")
        #expect(try match.reference == CameraReference(camera("door")))
        #expect(try Self.match("/greet/door").route.name == "file")
        #expect(table.count == Self.table.count + 1)
    }

    @Test func `what a wrong path is answered`() {
        #expect(Refusal(RouteError.notFound).status == 404)
        #expect(Refusal(RouteError.notFound).reason.rawValue == "not-found")
        let bad = Refusal(RouteError.badCameraName(String(repeating: "é", count: 5000)))
        #expect(bad.status == 400)
        #expect(bad.reason.rawValue == "bad-camera-name")
        #expect(bad.message.count < 200)
        #expect(bad.message.hasSuffix("is no camera name; a name has \(CameraID.accepted)."))
    }
}
