// SPDX-License-Identifier: MIT
import Crypto
import LibEvent

/// All measurements of the doctor; nil for those not made yet, or not possible.
struct DoctorMeasurements: Equatable, Sendable {
    /// The outcome of connecting.
    enum Connection: Equatable, Sendable {
        case made(address: String, took: Duration)
        /// No address was found; the resolver's message.
        case nameUnknown(String)
        /// The system's message.
        case failed(String)
        case timedOut
    }

    /// The outcome of the TLS handshake.
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
    struct Echo: Equatable, Sendable {
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

    var target: DoctorTarget
    var connection: Connection?
    var tls: TLS?
    var reach: Reach?
    var small: TimedStream?
    var large: TimedStream?
    /// The time from a WebSocket message to its echo; `.some(nil)` if no WebSocket could be opened or no echo came.
    var socket: Duration??
    var smallUpload: Echo?
    var largeUpload: Echo?
    var body: Echo?
    var announcement: Announcement?

    /// True if the connection or TLS failed, or a request for `doctor/info` got no answer.
    var isUnreachable: Bool {
        switch connection {
        case .nameUnknown, .failed, .timedOut: return true
        case .made, nil: break
        }
        if case .failed = tls { return true }
        return reach?.status == 0
    }
}
