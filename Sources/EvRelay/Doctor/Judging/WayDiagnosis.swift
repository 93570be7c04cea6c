// SPDX-License-Identifier: MIT
import Crypto

/// Judges the way to a relay: connection, streams, uploads, clocks.
enum WayDiagnosis {
    private static let slowTrip = Duration.milliseconds(500)
    private static let slowUpload = Duration.seconds(1)
    private static let clockTolerance = Duration.seconds(2)
    private static let daysToRenew: Int64 = 14

    static func judge(_ connection: DoctorMeasurements.Connection, _ target: DoctorTarget) -> Finding {
        let host = Finding.Value.text(target.host)
        switch connection {
        case .made(let address, let took):
            let say = address == target.host ? DoctorPhrase.connectionDirect : .connectionFine
            return .ok(say, ["host": host, "address": .text(address), "ms": .milliseconds(took)])
        case .nameUnknown(let reason):
            return .bad(.connectionUnknown, ["host": host, "reason": .text(reason)], .connectionUnknownAdvice, .name)
        case .failed(let reason):
            return .bad(.connectionFailed, ["reason": .text(reason)], .reachLostAdvice, .start)
        case .timedOut:
            return .bad(.connectionTimedOut, ["host": .text(target.authority)], .connectionTimedOutAdvice, .firewall)
        }
    }

    static func judge(_ tls: DoctorMeasurements.TLS, _ target: DoctorTarget) -> Finding {
        let host = Finding.Value.text(target.host)
        switch tls {
        case .failed(let reason):
            return .bad(
                .certificateNone, ["host": .text(target.authority), "reason": .text(reason)], .certificateNoneAdvice,
                .certificate)
        case .agreed(let certificate, let now):
            let date = Finding.Value.text(DoctorReport.date(certificate.expires))
            switch certificate.problem {
            case .expired: return .bad(.certificateExpired, ["date": date], .certificateRenewAdvice, .renewal)
            case .notYetValid: return .bad(.certificateEarly, [:], .clockOffAdvice, .clock)
            case .selfSigned: return .bad(.certificateSelfSigned, [:], .certificateSelfSignedAdvice, .certificate)
            case .unknownIssuer: return .bad(.certificateIssuer, [:], .certificateIssuerAdvice, .chain)
            case .wrongName: return .bad(.certificateName, ["host": host], .certificateNameAdvice, .certificate)
            case .other(let reason): return .bad(.certificateOther, ["reason": .text(reason)], nil)
            case nil:
                let days = (certificate.expires - now) / 86_400
                let values: [String: Finding.Value] = ["count": .number(Int(days)), "date": date]
                guard days < daysToRenew else { return .ok(.certificateFine, values) }
                return .warn(.certificateSoon, values, .certificateRenewAdvice, .renewal)
            }
        }
    }

    static func judge(_ reach: DoctorMeasurements.Reach, _ target: DoctorTarget) -> Finding {
        guard let info = reach.info else {
            if let version = reach.oldVersion {
                return .bad(.reachOld, ["version": .text(version)], .reachOldAdvice)
            }
            if reach.status == 0 { return .bad(.reachLost, [:], .reachLostAdvice, .start) }
            return .bad(
                .reachForeign, ["status": .number(reach.status), "prefix": .text(target.prefix)], .reachForeignAdvice,
                .location)
        }
        let values: [String: Finding.Value] = [
            "ms": .milliseconds(reach.trips.typical), "version": .text(info.version), "prefix": .text(target.prefix),
        ]
        return reach.trips.typical > slowTrip
            ? .warn(.reachSlow, values, .reachSlowAdvice) : .ok(.reachFine, values)
    }

    static func judgeHead(_ stream: DoctorMeasurements.TimedStream) -> Finding {
        guard stream.status == 200, !stream.delays.isEmpty else { return broken(stream) }
        let values: [String: Finding.Value] = ["ms": .milliseconds(stream.head)]
        // The relay sends the first part one interval after the head. Without that gap something has held back the
        // head.
        guard stream.first - stream.head >= stream.interval / 2 else {
            return .warn(.headHeld, values, .bufferingAdvice, .buffering)
        }
        return .ok(.headFine, values)
    }

    static func judgeParts(_ stream: DoctorMeasurements.TimedStream, bytes: Int) -> Finding {
        guard stream.status == 200, stream.delays.count >= stream.parts,
            let typical = RoundTrips.upperMedian(stream.delays), let longest = stream.delays.max()
        else { return broken(stream) }
        let limit = stream.interval * 3 / 5
        let values: [String: Finding.Value] = ["size": .size(bytes), "ms": .milliseconds(longest)]
        // One late part is a network's hiccup. If half of them come with the next one, something on the way buffers.
        if typical > limit { return .bad(.partsBuffered, values, .bufferingAdvice, .buffering) }
        if longest > limit { return .warn(.partsUneven, values, .partsUnevenAdvice) }
        return .ok(.partsFine, values)
    }

    private static func broken(_ stream: DoctorMeasurements.TimedStream) -> Finding {
        .bad(
            .partsBroken,
            [
                "arrived": .number(stream.delays.count), "parts": .number(stream.parts),
                "status": .number(stream.status),
            ], .bufferingAdvice, .buffering)
    }

    /// A browser does not tell why a WebSocket fails: because of a proxy that drops the Upgrade field, which one that
    /// speaks HTTP/1.0 always does, or because the relay takes the origin for a foreign one.
    static func judgeSocket(_ trip: Duration?, _ info: RelayInfo, _ target: DoctorTarget) -> Finding {
        if let trip { return .ok(.socketFine, ["ms": .milliseconds(trip)]) }
        return info.host(is: target) || info.isOldProtocol
            ? .warn(.socketFailed, [:], .socketFailedAdvice, .upgrade)
            : .warn(.socketFailed, [:], .hostWrongAdvice, .host)
    }

    static func judgeUploads(
        _ small: DoctorMeasurements.EchoedUpload, _ large: DoctorMeasurements.EchoedUpload, _ info: RelayInfo,
        _ target: DoctorTarget
    ) -> Finding {
        if let failed = [small, large].first(where: { $0.status != 200 }) {
            return judgeRefused(failed, info, target)
        }
        let values: [String: Finding.Value] = [
            "small": .milliseconds(small.took), "ms": .milliseconds(large.took), "size": .size(large.bytes),
            "fps": .tenths(perSecond: large.took),
        ]
        return large.took > slowUpload
            ? .warn(.uploadSlow, values, .uploadSlowAdvice) : .ok(.uploadFine, values)
    }

    private static func judgeRefused(
        _ failed: DoctorMeasurements.EchoedUpload, _ info: RelayInfo, _ target: DoctorTarget
    ) -> Finding {
        let values: [String: Finding.Value] = ["status": .number(failed.status), "size": .size(failed.bytes)]
        if failed.reason == "origin-not-allowed" {
            return info.host(is: target)
                ? .bad(.uploadOrigin, values, .originAdvice, .origin)
                : .bad(.uploadOrigin, values, .hostWrongAdvice, .host)
        }
        switch failed.status {
        case 0: return .bad(.uploadLost, values, .uploadRefusedAdvice, .location)
        case 413: return .bad(.bodyLimited, values, .bodyAdvice, .body)
        default: return .bad(.uploadRefused, values, .uploadRefusedAdvice, .location)
        }
    }

    /// - Parameter uploads: the finding about smaller uploads. What refuses these refuses a large one, too.
    static func judgeBody(
        _ body: DoctorMeasurements.EchoedUpload, _ announcement: DoctorMeasurements.Announcement, _ info: RelayInfo,
        after uploads: Finding
    ) -> Finding {
        let values: [String: Finding.Value] = ["size": .size(body.bytes), "status": .number(body.status)]
        guard body.status == 200 else {
            if body.status == 413, !body.isRelay { return .bad(.bodyLimited, values, .bodyAdvice, .body) }
            let say = body.status == 0 ? DoctorPhrase.bodyLost : .bodyFailed
            guard uploads.level == .bad else { return .bad(say, values, .bodyAdvice, .body) }
            return .bad(say, values, uploads.advice, uploads.remedy)
        }
        let largest: [String: Finding.Value] = ["size": .size(info.maxFrameBytes)]
        switch announcement {
        case .refused: return .bad(.bodyLimited, largest, .bodyAdvice, .body)
        case .passed: return .ok(.bodyAnnounced, largest)
        case .unclear: return .ok(.bodyFine, values)
        }
    }

    static func judgeClock(_ trips: RoundTrips) -> Finding {
        let difference = max(trips.offset, .zero - trips.offset)
        guard difference <= clockTolerance + trips.error else {
            return .warn(
                .clockOff, ["age": .age(seconds: Int(clamping: difference.components.seconds))], .clockOffAdvice, .clock
            )
        }
        return .ok(
            .clockFine, ["ms": .milliseconds(difference), "error": .milliseconds(trips.error + .microseconds(499))])
    }
}
