// SPDX-License-Identifier: MIT
import LibEvent

/// Everything the doctor measures; what is not measured yet, or could not be, is nil.
struct DoctorMeasurements: Equatable, Sendable {
    /// How the connection was made.
    enum Connection: Equatable, Sendable {
        case made(address: String, took: Duration)
        /// No address; the resolver's words.
        case nameUnknown(String)
        /// The system's words.
        case failed(String)
        case timedOut
    }

    /// How TLS was agreed on.
    enum TLS: Equatable, Sendable {
        /// OpenSSL's words.
        case failed(String)
        /// The server's certificate, and this machine's time in seconds since 1970.
        case agreed(TLSCertificate, now: Int64)
    }

    /// Several answers of `doctor/info` in one.
    struct Reach: Equatable, Sendable {
        /// 0 where nothing answered.
        var status: Int
        /// Nil where something else answered.
        var info: RelayInfo?
        /// The version of a relay that has no doctor.
        var oldVersion: String?
        var trips = RoundTrips([])
    }

    /// One timed stream.
    struct TimedStream: Equatable, Sendable {
        /// 0 where nothing answered.
        var status = 0
        /// From the request to the answer's head.
        var head = Duration.zero
        /// From the request to the first byte of the body.
        var first = Duration.zero
        /// How much longer than the quickest answer each part was on its way.
        var delays: [Duration] = []
        /// How many parts were asked for.
        var parts: Int
        /// The time between them.
        var interval: Duration
    }

    /// Bytes sent to be dropped.
    struct Echo: Equatable, Sendable {
        /// 0 where the connection broke.
        var status: Int
        var took: Duration
        /// The answer is the relay's own, not one of something on the way.
        var isRelay: Bool
        /// Why the relay refused.
        var reason: String
        var bytes: Int
    }

    /// What became of the announcement of a frame of the largest size, of which nothing was sent.
    enum Announcement: Equatable, Sendable {
        /// The relay got to see it, or is about to.
        case passed
        /// Something on the way refused it for its size.
        case refused
        /// Neither can be said.
        case unclear
    }

    var target: DoctorTarget
    var connection: Connection?
    var tls: TLS?
    var reach: Reach?
    var small: TimedStream?
    var large: TimedStream?
    /// How long a message took to come back; nil inside where no WebSocket could be opened.
    var socket: Duration??
    var smallUpload: Echo?
    var largeUpload: Echo?
    var body: Echo?
    var announcement: Announcement?

    /// No HTTP answer came at all.
    var isUnreachable: Bool {
        switch connection {
        case .nameUnknown, .failed, .timedOut: return true
        case .made, nil: break
        }
        if case .failed = tls { return true }
        return reach?.status == 0
    }
}
