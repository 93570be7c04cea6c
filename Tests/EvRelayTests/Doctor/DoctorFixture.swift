// SPDX-License-Identifier: MIT
import Crypto
import LibEvent
import WireFormat

@testable import EvRelay

/// Returns the measurements of a connection on which everything is fine; each test spoils one of them.
func goodMeasurements(_ url: String = "https://cam.example.org/") throws -> DoctorMeasurements {
    var all = DoctorMeasurements(target: try DoctorTarget(parsing: url))
    all.connection = .made(address: "192.0.2.7", took: .milliseconds(12))
    if all.target.isSecure {
        all.tls = .agreed(TLSCertificate(expires: 1_000_000 + 60 * 86_400, problem: nil), now: 1_000_000)
    }
    all.reach = DoctorMeasurements.Reach(
        status: 200, info: try relayInfo(for: all.target),
        trips: RoundTrips([RoundTrips.Trip(sent: 1000, stamp: 11_000, received: 21_000)]))
    let stream = DoctorMeasurements.TimedStream(
        status: 200, head: .milliseconds(20), first: .milliseconds(270),
        delays: [Duration](repeating: .milliseconds(3), count: 8), parts: 8, interval: .milliseconds(250))
    all.small = stream
    all.large = stream
    all.socket = .some(.milliseconds(9))
    all.smallUpload = echo(1024)
    all.largeUpload = echo(65_536)
    all.body = echo(262_144)
    all.announcement = .passed
    return all
}

/// Returns the answer of a relay behind a trusted proxy that does everything right.
func relayInfo(for target: DoctorTarget, _ change: (inout RelayInfo) -> Void = { _ in }) throws -> RelayInfo {
    let text = JSONText.object { json in
        json.member("server", "6f33b95ed5671369")
        json.member("version", "1.2.3")
        json.member("client", "198.51.100.4")
        json.member("peer", "127.0.0.1")
        json.member("forwarded", true)
        json.member("trusted", true)
        json.member("scheme", target.scheme)
        json.member("host", target.authority)
        json.member("protocol", "HTTP/1.1")
        json.member("publishing", true)
        json.member("publishing_by", "key")
        json.member("max_frame_bytes", 5 << 20)
    }
    guard var info = RelayInfo(try JSONObject.parse(text.span, maxDepth: 2)) else {
        throw ValueError("doctor/info", "not understood")
    }
    change(&info)
    return info
}

func echo(
    _ bytes: Int, status: Int = 200, took: Duration = .milliseconds(30), isRelay: Bool = true, reason: String = ""
) -> DoctorMeasurements.EchoedUpload {
    DoctorMeasurements.EchoedUpload(status: status, took: took, isRelay: isRelay, reason: reason, bytes: bytes)
}

/// Returns what a page measures where everything is fine.
func goodPageMeasurements(_ url: String = "https://cam.example.org/") throws -> DoctorMeasurements {
    var all = try goodMeasurements(url)
    (all.asker, all.connection, all.tls, all.announcement) = (.page, nil, nil, nil)
    all.device = .init(isSecure: true, hasCamera: true, permission: "prompt", trial: "")
    all.browser = .init(lacks: [], staysAwake: true)
    return all
}
