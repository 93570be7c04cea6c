// SPDX-License-Identifier: MIT
import Crypto
import LibEvent
import Testing

@testable import EvRelay

@Suite struct DiagnosisTests {
    /// Returns the findings that differ from those of good measurements.
    private func faults(
        _ url: String = "https://cam.example.org/", _ spoil: (inout DoctorMeasurements) throws -> Void
    ) throws -> [Finding] {
        var all = try goodMeasurements(url)
        let good = Diagnosis.findings(all)
        try spoil(&all)
        return Diagnosis.findings(all).filter { !good.contains($0) }
    }

    private func fault(
        _ url: String = "https://cam.example.org/", _ spoil: (inout DoctorMeasurements) throws -> Void
    ) throws -> Finding {
        let faults = try faults(url, spoil)
        #expect(faults.count == 1, "\(faults)")
        return try #require(faults.first)
    }

    @Test func `a way with which all is well has a finding for each check, and none is bad`() throws {
        let says = Diagnosis.findings(try goodMeasurements()).map(\.say)
        #expect(
            says == [
                .connectionFine, .certificateFine, .reachFine, .headFine, .partsFine, .partsFine, .socketFine,
                .uploadFine, .bodyAnnounced, .clockFine, .proxyTrusted, .hostFine, .schemeFine, .protocolFine,
                .publishingFine, .secureFine,
            ])
        #expect(Diagnosis.findings(try goodMeasurements()).allSatisfy { $0.level == .ok && $0.advice == nil })
    }

    @Test func `nothing is said about what is not measured yet`() throws {
        let good = try goodMeasurements()
        #expect(Diagnosis.findings(DoctorMeasurements(target: good.target)).isEmpty)
        var all = good
        all.body = nil
        #expect(Diagnosis.findings(all).last?.say == .uploadFine)
        all.largeUpload = nil
        #expect(Diagnosis.findings(all).last?.say == .socketFine)
        all.large = nil
        #expect(Diagnosis.findings(all).count == 5)
        all.reach = nil
        #expect(Diagnosis.findings(all).count == 2)
    }

    @Test func `a relay that is not reached`() throws {
        let cases: [(DoctorMeasurements.Connection, DoctorPhrase, Remedy)] = [
            (.nameUnknown("x"), .connectionUnknown, .name), (.failed("x"), .connectionFailed, .start),
            (.timedOut, .connectionTimedOut, .firewall),
        ]
        for (connection, say, remedy) in cases {
            var all = try goodMeasurements()
            all.connection = connection
            let findings = Diagnosis.findings(all)
            #expect(findings.map(\.say) == [say])
            #expect(findings.map(\.level) == [.bad])
            #expect(findings.map(\.remedy) == [remedy])
            #expect(all.isUnreachable)
        }
        #expect(try !goodMeasurements().isUnreachable)
    }

    @Test func `each problem of a certificate has its own words, and ends nothing`() throws {
        let cases: [(TLSCertificate.Problem, DoctorPhrase, Remedy?)] = [
            (.expired, .certificateExpired, .renewal), (.notYetValid, .certificateEarly, .clock),
            (.selfSigned, .certificateSelfSigned, .certificate), (.unknownIssuer, .certificateIssuer, .chain),
            (.wrongName, .certificateName, .certificate), (.other("x"), .certificateOther, nil),
        ]
        for (problem, say, remedy) in cases {
            let finding = try fault { $0.tls = .agreed(TLSCertificate(expires: 0, problem: problem), now: 86_400) }
            #expect(finding.level == .bad && finding.say == say && finding.remedy == remedy)
        }
    }

    @Test(arguments: [(Int64(13), DoctorPhrase.certificateSoon), (Int64(14), DoctorPhrase.certificateFine)])
    func `a certificate that ends within two weeks is told in time`(days: Int64, say: DoctorPhrase) throws {
        let certificate = TLSCertificate(expires: (days + 1) * 86_400 - 1, problem: nil)
        let finding = try fault { $0.tls = .agreed(certificate, now: 0) }
        #expect(finding.say == say)
        #expect(finding.values["count"] == .number(Int(days)))
    }

    @Test func `a port without TLS cannot be looked at further`() throws {
        var all = try goodMeasurements()
        all.tls = .failed("wrong version number")
        #expect(Diagnosis.findings(all).map(\.say) == [.connectionFine, .certificateNone])
        #expect(all.isUnreachable)
    }

    @Test func `something else in place of the relay ends the looking`() throws {
        func last(_ reach: DoctorMeasurements.Reach) throws -> Finding? {
            var all = try goodMeasurements()
            all.reach = reach
            return Diagnosis.findings(all).last
        }
        #expect(try last(.init(status: 0))?.say == .reachLost)
        let foreign = try last(.init(status: 502))
        #expect(foreign?.say == .reachForeign && foreign?.values["status"] == .number(502))
        #expect(try last(.init(status: 404, oldVersion: "0.1"))?.say == .reachOld)
    }

    @Test func `a slow way is told`() throws {
        let trip = RoundTrips.Trip(sent: 0, stamp: 250_001, received: 500_002)
        let slow = try faults { $0.reach?.trips = RoundTrips([trip]) }.first
        #expect(slow?.say == .reachSlow && slow?.level == .warn)
    }

    @Test func `a head that comes with the first part was held back`() throws {
        let held = try fault { $0.small?.head = .milliseconds(146) }
        #expect(held.say == .headHeld && held.level == .warn && held.remedy == .buffering)
        #expect(try fault { $0.small?.head = .milliseconds(145) }.say == .headFine)
    }

    @Test func `parts of which half are late are held back, and one late part is not`() throws {
        let late = Duration.milliseconds(151)
        let buffered = try fault { all in
            for index in 0..<4 { all.large?.delays[index] = late }
        }
        #expect(buffered.say == .partsBuffered && buffered.level == .bad && buffered.remedy == .buffering)
        #expect(buffered.values["size"] == .size(16_384) && buffered.values["ms"] == .number(151))
        let uneven = try fault { $0.small?.delays[2] = late }
        #expect(uneven.say == .partsUneven && uneven.level == .warn && uneven.values["size"] == .size(64))
        #expect(try fault { $0.small?.delays[2] = .milliseconds(150) }.say == .partsFine)
    }

    @Test func `a stream that breaks off is told with how far it got`() throws {
        let broken = try fault { $0.large?.delays.removeLast() }
        #expect(broken.say == .partsBroken && broken.level == .bad && broken.values["arrived"] == .number(7))
        let refused = try faults { $0.small = .init(status: 502, parts: 8, interval: .milliseconds(250)) }
        #expect(refused.map(\.say) == [.partsBroken, .partsBroken])
    }

    @Test func `a WebSocket that does not get through is a warning`() throws {
        let finding = try fault { $0.socket = .some(nil) }
        #expect(finding.say == .socketFailed && finding.level == .warn && finding.remedy == .upgrade)
    }

    @Test func `uploads that are slow, refused or lost`() throws {
        #expect(try fault { $0.largeUpload = echo(65_536, took: .milliseconds(1001)) }.say == .uploadSlow)
        for (status, say, remedy) in [
            (0, DoctorPhrase.uploadLost, Remedy.location), (405, .uploadRefused, .location), (413, .bodyLimited, .body),
        ] {
            let finding = try fault { $0.smallUpload = echo(1024, status: status, isRelay: false) }
            #expect(finding.say == say && finding.level == .bad && finding.remedy == remedy)
        }
    }

    @Test func `who is taken for a foreign site is told to name it, or to hand on the Host field`() throws {
        let foreign = echo(1024, status: 403, reason: "origin-not-allowed")
        let unnamed = try fault { $0.smallUpload = foreign }
        #expect(unnamed.say == .uploadOrigin && unnamed.level == .bad && unnamed.remedy == .origin)
        let misled = try faults { all in
            all.smallUpload = foreign
            all.reach?.info?.host = "127.0.0.1:30333"
            all.socket = .some(nil)
        }
        #expect(misled.map(\.say) == [.socketFailed, .uploadOrigin, .hostWrong])
        #expect(misled.allSatisfy { $0.remedy == .host })
    }

    @Test func `what refuses small uploads refuses a large one for the same reason`() throws {
        let both = try faults { all in
            all.smallUpload = echo(1024, status: 405, isRelay: false)
            all.body = echo(262_144, status: 405, isRelay: false)
        }
        #expect(both.map(\.say) == [.uploadRefused, .bodyFailed])
        #expect(both.map(\.remedy) == [.location, .location])
    }

    @Test func `a proxy that speaks HTTP 1_0 lets no WebSocket through, whatever the Host field is`() throws {
        let found = try faults { all in
            all.socket = .some(nil)
            all.reach?.info?.host = "127.0.0.1:30333"
            all.reach?.info?.protocol = "HTTP/1.0"
        }
        #expect(found.first?.say == .socketFailed && found.first?.remedy == .upgrade)
    }

    @Test func `a relay that falls silent has been reached all the same`() throws {
        var all = try goodMeasurements()
        all.reach = .init(status: 0)
        #expect(all.isUnreachable)
        all.reach = .init(status: 0, hasAnsweredBefore: true)
        #expect(!all.isUnreachable)
        #expect(Diagnosis.findings(all).last?.say == .reachLost)
    }

    @Test func `a slow upload tells how many frames it allows`() throws {
        let slow = try fault { $0.largeUpload = echo(65_536, took: .milliseconds(2000)) }
        #expect(
            DoctorWords(.english).say(slow.say, slow.values)
                == "64 KiB take 2,000 ms to send: 0.5 frames of that size a second at most.")
        #expect(DoctorWords(.russian).say(slow.say, slow.values).contains("за 2\u{A0}000 мс: не больше 0,5 таких"))
    }

    @Test func `a proxy's limit of bodies is told from the relay's own`() throws {
        let limited = try fault { $0.body = echo(262_144, status: 413, isRelay: false) }
        #expect(limited.say == .bodyLimited && limited.values["size"] == .size(262_144))
        #expect(try fault { $0.body = echo(262_144, status: 413) }.say == .bodyFailed)
        #expect(try fault { $0.body = echo(262_144, status: 0) }.say == .bodyLost)
        let announced = try fault { $0.announcement = .refused }
        #expect(announced.say == .bodyLimited && announced.values["size"] == .size(5 << 20))
        #expect(try fault { $0.announcement = .unclear }.say == .bodyFine)
    }

    @Test func `clocks may differ by two seconds and by what cannot be known`() throws {
        func clock(ahead: Int64) throws -> Finding? {
            try faults {
                $0.reach?.trips = RoundTrips([RoundTrips.Trip(sent: 0, stamp: 10_000 + ahead, received: 20_000)])
            }.first { $0.say == .clockFine || $0.say == .clockOff }
        }
        #expect(try clock(ahead: 2_010_000)?.say == .clockFine)
        #expect(try clock(ahead: 2_010_001)?.say == .clockOff)
        #expect(try clock(ahead: -2_010_001)?.say == .clockOff)
        #expect(try clock(ahead: -3_600_000_000)?.values["age"] == .age(seconds: 3600))
    }
}
