// SPDX-License-Identifier: MIT
import Crypto

/// All measurements of the doctor; nil for those not made yet, or not possible.
struct DoctorMeasurements: Equatable, Sendable {
    /// The place from which the way is measured.
    enum Asker: Sendable {
        /// `evrelay doctor`.
        case terminal
        /// The page `/doctor` in a browser.
        case page
    }

    /// The outcome of connecting. A terminal's alone.
    enum Connection: Equatable, Sendable {
        case made(address: String, took: Duration)
        /// No address was found; the resolver's message.
        case nameUnknown(String)
        /// The system's message.
        case failed(String)
        case timedOut
    }

    /// The outcome of the TLS handshake. A terminal's alone.
    enum TLS: Equatable, Sendable {
        /// The message of OpenSSL or of the client.
        case failed(String)
        /// The server's certificate, and this machine's time in seconds since 1970.
        case agreed(TLSCertificate, now: Int64)
    }

    /// The outcome of several requests for `doctor/info`.
    struct Reach: Equatable, Sendable {
        /// The HTTP status; 0 if a request got no answer.
        var status: Int
        /// The relay's report; nil if something else, or nothing, answered.
        var info: RelayInfo?
        /// The version of a relay that has no doctor; nil otherwise.
        var oldVersion: String?
        var trips = RoundTrips([])
        /// True if the relay has answered a request before the one that got no answer.
        var hasAnsweredBefore = false
    }

    /// One timed stream.
    struct TimedStream: Equatable, Sendable {
        /// The HTTP status; 0 if nothing answered.
        var status = 0
        /// The time from the request to the answer's head.
        var head = Duration.zero
        /// The time from the request to the first byte of the body.
        var first = Duration.zero
        /// The delay of each part: its time on the way beyond that of the quickest answer.
        var delays: [Duration] = []
        /// The number of parts requested.
        var parts: Int
        /// The time between two parts when they are sent.
        var interval: Duration
    }

    /// An upload that the relay counts and drops.
    struct EchoedUpload: Equatable, Sendable {
        /// The HTTP status; 0 if the connection broke, or if something other than the relay answered 200.
        var status: Int
        var took: Duration
        /// True if the answer is the relay's own, not that of something on the way.
        var isRelay: Bool
        /// The relay's reason for a refusal.
        var reason: String
        var bytes: Int
    }

    /// The outcome of announcing a frame of the largest size, of which nothing was sent.
    enum Announcement: Equatable, Sendable {
        /// The announcement reached the relay, or a 100 (Continue) asks for the body.
        case passed
        /// Something on the way refused the announcement for its size (413).
        case refused
        /// It is unknown whether the announcement passed.
        case unclear
    }

    /// The browser's view of the device. A page's alone.
    struct Device: Equatable, Sendable {
        /// True if the page is a secure context.
        var isSecure: Bool
        var hasCamera: Bool
        /// The state of the permission to use the camera: `granted`, `prompt`, `denied` or `unknown`.
        var permission: String
        /// `works`, or the name of the error with which getUserMedia failed; empty if the camera was not tried.
        var trial: String
    }

    /// The abilities of the browser. A page's alone.
    struct Browser: Equatable, Sendable {
        /// The names of what the pages use and the browser lacks.
        var lacks: [String]
        /// True if the browser can keep the screen on.
        var staysAwake: Bool
    }

    var target: DoctorTarget
    var asker = Asker.terminal
    var connection: Connection?
    var tls: TLS?
    var reach: Reach?
    var small: TimedStream?
    var large: TimedStream?
    /// The time from a WebSocket message to its echo; `.some(nil)` if no WebSocket could be opened or no echo came.
    var socket: Duration??
    var smallUpload: EchoedUpload?
    var largeUpload: EchoedUpload?
    var body: EchoedUpload?
    /// Measured by a terminal alone: a browser cannot announce a body that it does not send.
    var announcement: Announcement?
    var device: Device?
    var browser: Browser?

    /// True if no answer came at all: no connection, no TLS, or no answer to the first request.
    var isUnreachable: Bool {
        switch connection {
        case .nameUnknown, .failed, .timedOut: return true
        case .made, nil: break
        }
        if case .failed = tls { return true }
        return reach.map { $0.status == 0 && !$0.hasAnsweredBefore } ?? false
    }
}
