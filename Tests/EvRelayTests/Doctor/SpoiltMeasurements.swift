// SPDX-License-Identifier: MIT
import Crypto

@testable import EvRelay

/// Good measurements, and the same with one fault each: every finding of the doctor is among theirs.
enum SpoiltMeasurements {
    private typealias Spoil = (inout DoctorMeasurements) -> Void

    /// Returns those of a terminal and those of a page.
    static func all() throws -> [DoctorMeasurements] {
        let terminal = try goodMeasurements()
        let page = try goodPageMeasurements()
        var all = [terminal, page, try goodMeasurements("http://example.org/")]
        for spoil in way + uploads + setup {
            all.append(spoilt(terminal, spoil))
            all.append(spoilt(page, spoil))
        }
        all += (tls + connection).map { spoilt(terminal, $0) }
        all += device.map { spoilt(page, $0) }
        return all
    }

    private static func spoilt(_ good: DoctorMeasurements, _ spoil: Spoil) -> DoctorMeasurements {
        var all = good
        spoil(&all)
        return all
    }

    /// Returns a change of the relay's report.
    private static func report(_ change: @escaping (inout RelayInfo) -> Void) -> Spoil {
        return { all in
            guard var info = all.reach?.info else { return }
            change(&info)
            all.reach?.info = info
        }
    }

    private static var way: [Spoil] {
        let late = Duration.milliseconds(200)
        let slow = RoundTrips([.init(sent: 0, stamp: 9_000_000, received: 600_000)])
        return [
            { $0.reach = .init(status: 0) }, { $0.reach = .init(status: 502) }, { $0.reach?.trips = slow },
            { $0.small?.head = late }, { $0.small?.delays = [] }, { $0.large?.delays[1] = late },
            { $0.large?.delays = Array(repeating: late, count: 8) }, { $0.socket = .some(nil) },
        ]
    }

    private static var uploads: [Spoil] {
        let echoes: [DoctorMeasurements.EchoedUpload] = [
            echo(65_536, took: .seconds(2)), echo(65_536, status: 0), echo(65_536, status: 405, isRelay: false),
            echo(65_536, status: 403, reason: "origin-not-allowed"), echo(65_536, status: 413, isRelay: false),
        ]
        return echoes.flatMap { echo -> [Spoil] in [{ $0.largeUpload = echo }, { $0.body = echo }] }
    }

    private static var setup: [Spoil] {
        let reasons = RefusalReason.allCases.map(\.rawValue) + ["something-new"]
        let refusals = reasons.map { reason in
            report { info in (info.isPublishing, info.publishingReason) = (false, reason) }
        }
        let others: [Spoil] = [
            report { $0.isTrusted = false }, report { $0.isNamed = false },
            report { ($0.isForwarded, $0.isTrusted, $0.publishingBy) = (false, false, "this-machine") },
            report { ($0.isForwarded, $0.isTrusted, $0.peer) = (false, false, "198.51.100.4") },
            report { $0.host = "x" }, report { $0.scheme = "ftp" }, report { $0.protocol = "HTTP/1.0" },
        ]
        return refusals + others
    }

    private static var tls: [Spoil] {
        let problems: [TLSCertificate.Problem] = [
            .expired, .notYetValid, .selfSigned, .unknownIssuer, .wrongName, .other("x"),
        ]
        let certificates =
            problems.map { TLSCertificate(expires: 0, problem: $0) } + [TLSCertificate(expires: 86_400, problem: nil)]
        return certificates.map { certificate -> Spoil in { $0.tls = .agreed(certificate, now: 0) } }
    }

    private static var connection: [Spoil] {
        [
            { $0.connection = .made(address: $0.target.host, took: .zero) }, { $0.connection = .nameUnknown("x") },
            { $0.connection = .failed("x") }, { $0.connection = .timedOut }, { $0.tls = .failed("x") },
            { $0.reach = .init(status: 404, oldVersion: "0.1") }, { $0.announcement = .refused },
            { $0.announcement = .unclear },
        ]
    }

    private static var device: [Spoil] {
        let trials = ["works", "NotAllowedError", "NotFoundError", "NotReadableError"]
        let tried = trials.map { trial -> Spoil in { $0.device?.trial = trial } }
        let plain = DoctorMeasurements.Device(isSecure: false, hasCamera: false, permission: "prompt", trial: "")
        let others: [Spoil] = [
            { $0.device?.permission = "granted" }, { $0.device = plain }, { $0.browser?.lacks = ["WebSocket"] },
            { $0.browser?.staysAwake = false },
        ]
        return tried + others
    }
}
