// SPDX-License-Identifier: MIT
import Crypto
import LibEvent

/// Turns measurements into findings: one for each check, in the order in which they are shown.
enum Diagnosis {
    private static let slowTrip = Duration.milliseconds(500)
    private static let slowUpload = Duration.seconds(1)
    private static let clockTolerance = Duration.seconds(2)
    private static let daysToRenew: Int64 = 14

    /// Returns the findings up to the first check that is not measured yet.
    static func findings(_ all: DoctorMeasurements) -> [Finding] {
        guard let connection = all.connection else { return [] }
        var findings = [judge(connection, all.target)]
        guard case .made = connection else { return findings }
        if all.target.isSecure {
            guard let tls = all.tls else { return findings }
            findings.append(judge(tls, all.target))
            if case .failed = tls { return findings }
        }
        guard let reach = all.reach else { return findings }
        findings.append(judge(reach, all.target))
        guard let info = reach.info else { return findings }

        guard let small = all.small else { return findings }
        findings += [judgeHead(small), judgeParts(small, bytes: DoctorPlan.smallPartBytes)]
        guard let large = all.large else { return findings }
        findings.append(judgeParts(large, bytes: DoctorPlan.largePartBytes))
        guard let socket = all.socket else { return findings }
        findings.append(judgeSocket(socket))
        guard let tiny = all.smallUpload, let upload = all.largeUpload, let body = all.body else { return findings }
        let sending = judgeUpload(tiny, upload)
        findings.append(sending)
        if sending.level != .bad { findings.append(judgeBody(body, all.announcement ?? .unclear, info)) }
        return findings + [judgeClock(reach.trips)]
            + SetupDiagnosis.findings(info, all.target, isSocketOpen: socket != nil)
    }

    private static func judge(_ connection: DoctorMeasurements.Connection, _ target: DoctorTarget) -> Finding {
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

    private static func judge(_ tls: DoctorMeasurements.TLS, _ target: DoctorTarget) -> Finding {
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

    private static func judge(_ reach: DoctorMeasurements.Reach, _ target: DoctorTarget) -> Finding {
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

    private static func judgeHead(_ stream: DoctorMeasurements.TimedStream) -> Finding {
        guard stream.status == 200, !stream.delays.isEmpty else { return broken(stream) }
        let values: [String: Finding.Value] = ["ms": .milliseconds(stream.head)]
        // The relay sends the first part one interval after the head. Without that gap something has held back the
        // head.
        guard stream.first - stream.head >= stream.interval / 2 else {
            return .warn(.headHeld, values, .bufferingAdvice, .buffering)
        }
        return .ok(.headFine, values)
    }

    private static func judgeParts(_ stream: DoctorMeasurements.TimedStream, bytes: Int) -> Finding {
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

    private static func judgeSocket(_ trip: Duration?) -> Finding {
        guard let trip else { return .warn(.socketFailed, [:], .socketFailedAdvice, .upgrade) }
        return .ok(.socketFine, ["ms": .milliseconds(trip)])
    }

    private static func judgeUpload(_ small: DoctorMeasurements.Echo, _ large: DoctorMeasurements.Echo) -> Finding {
        if let failed = [small, large].first(where: { $0.status != 200 }) {
            let values: [String: Finding.Value] = ["status": .number(failed.status), "size": .size(failed.bytes)]
            if failed.status == 0 { return .bad(.uploadLost, values, .uploadRefusedAdvice, .location) }
            if failed.status == 413 { return .bad(.bodyLimited, values, .bodyAdvice, .body) }
            return .bad(.uploadRefused, values, .uploadRefusedAdvice, .location)
        }
        let values: [String: Finding.Value] = [
            "small": .milliseconds(small.took), "ms": .milliseconds(large.took), "size": .size(large.bytes),
        ]
        return large.took > slowUpload
            ? .warn(.uploadSlow, values, .uploadSlowAdvice) : .ok(.uploadFine, values)
    }

    private static func judgeBody(
        _ body: DoctorMeasurements.Echo, _ announcement: DoctorMeasurements.Announcement, _ info: RelayInfo
    ) -> Finding {
        let values: [String: Finding.Value] = ["size": .size(body.bytes), "status": .number(body.status)]
        guard body.status == 200 else {
            if body.status == 413, !body.isRelay { return .bad(.bodyLimited, values, .bodyAdvice, .body) }
            return .bad(body.status == 0 ? .bodyLost : .bodyFailed, values, .bodyAdvice, .body)
        }
        let largest: [String: Finding.Value] = ["size": .size(info.maxFrameBytes)]
        switch announcement {
        case .refused: return .bad(.bodyLimited, largest, .bodyAdvice, .body)
        case .passed: return .ok(.bodyAnnounced, largest)
        case .unclear: return .ok(.bodyFine, values)
        }
    }

    private static func judgeClock(_ trips: RoundTrips) -> Finding {
        let difference = max(trips.offset, .zero - trips.offset)
        guard difference <= clockTolerance + trips.error else {
            return .warn(
                .clockOff, ["seconds": .number(Int(difference.components.seconds))], .clockOffAdvice, .clock)
        }
        return .ok(
            .clockFine, ["ms": .milliseconds(difference), "error": .milliseconds(trips.error + .microseconds(499))])
    }
}
