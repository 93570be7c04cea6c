// SPDX-License-Identifier: MIT
import Testing

@testable import EvRelay

@Suite struct SetupDiagnosisTests {
    private func findings(
        _ url: String = "https://cam.example.org/", isSocketOpen: Bool = true,
        _ change: (inout RelayInfo) -> Void = { _ in }
    ) throws -> [Finding] {
        var all = try goodMeasurements(url)
        all.reach?.info = try relayInfo(for: all.target, change)
        if !isSocketOpen { all.socket = .some(nil) }
        return Diagnosis.findings(all)
    }

    private func level(_ say: DoctorPhrase, in findings: [Finding]) -> Finding.Level? {
        findings.first { $0.say == say }?.level
    }

    @Test func `a proxy that is not trusted is named with the flag that trusts it`() throws {
        let found = try findings { info in
            info.isTrusted = false
            info.peer = "10.0.0.5"
        }
        let finding = try #require(found.first { $0.say == .proxyUntrusted })
        let target = try DoctorTarget(parsing: "https://cam.example.org/")
        let info = try relayInfo(for: target) { $0.peer = "10.0.0.5" }
        #expect(
            finding.remedy?.lines(for: target, info: info) == [
                RemedyLines(
                    program: "EvRelay",
                    lines: [
                        "# /etc/evrelay/evrelay.conf", "EVRELAY_TRUSTED_PROXY=10.0.0.5",
                        "# evrelay --trusted-proxy 10.0.0.5",
                    ])
            ])
    }

    @Test(arguments: ["127.0.0.1", "::1", "unix", "::ffff:127.0.0.1"])
    func `a public name whose requests come from the server itself has a silent proxy`(peer: String) throws {
        let found = try findings { info in
            (info.isForwarded, info.isTrusted, info.peer) = (false, false, peer)
        }
        #expect(level(.proxySilent, in: found) == .warn)
    }

    @Test(arguments: [("this-machine", DoctorPhrase.proxyOpen, Finding.Level.bad), ("key", .proxySilent, .warn)])
    func `a proxy that makes everybody a program on its machine is bad`(
        _ by: String, _ say: DoctorPhrase, _ level: Finding.Level
    ) throws {
        let found = try findings { info in
            (info.isForwarded, info.isTrusted, info.peer, info.client) = (false, false, "127.0.0.1", "127.0.0.1")
            info.publishingBy = by
        }
        #expect(self.level(say, in: found) == level)
        let target = try DoctorTarget(parsing: "https://cam.example.org/")
        let lines = found.first { $0.say == say }?.remedy?.lines(for: target, info: try relayInfo(for: target))
        #expect(lines?.first?.lines.contains { $0.hasPrefix("proxy_set_header X-Forwarded-For ") } == true)
        #expect(lines?.last?.lines.contains("EVRELAY_TRUSTED_PROXY=127.0.0.1") == true)
    }

    @Test func `a trusted proxy that names nobody is silent`() throws {
        let found = try findings { $0.isNamed = false }
        #expect(level(.proxySilent, in: found) == .warn)
    }

    @Test func `without a proxy there is nothing to say`() throws {
        let local = try findings("http://localhost:30333/") { info in
            (info.isForwarded, info.isTrusted) = (false, false)
        }
        #expect(level(.proxyNone, in: local) == .ok)
        let direct = try findings("http://192.0.2.1:30333/") { info in
            (info.isForwarded, info.isTrusted, info.peer) = (false, false, "198.51.100.4")
        }
        #expect(level(.proxyNone, in: direct) == .ok)
    }

    @Test func `a Host field that changed on the way is bad, and one in other letters is not`() throws {
        #expect(level(.hostWrong, in: try findings { $0.host = "127.0.0.1:30333" }) == .bad)
        #expect(level(.hostFine, in: try findings { $0.host = "CAM.example.org" }) == .ok)
    }

    @Test func `a scheme that is not known is told with what is missing`() throws {
        let silent = try findings { $0.scheme = "http" }
        #expect(silent.first { $0.say == .schemeWrong }?.remedy == .scheme)
        let deaf = try findings { info in
            info.scheme = "http"
            info.isTrusted = false
        }
        #expect(deaf.first { $0.say == .schemeWrong }?.remedy == .trust)
    }

    @Test func `an old protocol between proxy and relay is a warning`() throws {
        let old = try findings { $0.protocol = "HTTP/1.0" }.first { $0.say == .protocolOld }
        #expect(old?.level == .warn && old?.remedy == .protocol)
        // The lines for the protocol and those for WebSockets would set the same field twice.
        let both = try findings(isSocketOpen: false) { $0.protocol = "HTTP/1.0" }.first { $0.say == .protocolOld }
        #expect(both?.remedy == .upgrade)
    }

    @Test func `not being allowed to publish is a note with the flag that allows it`() throws {
        let refused = try findings { info in
            info.isPublishing = false
            info.publishingReason = "publishing-not-allowed"
        }
        let finding = try #require(refused.first { $0.say == .publishingNo })
        #expect(finding.level == .note && finding.remedy == .publishing)
        let other = try findings { info in
            info.isPublishing = false
            info.publishingReason = "something-new"
        }
        #expect(other.first { $0.say == .publishingNo }?.values["why"] == .text("something-new"))
    }

    @Test(arguments: [
        ("key-required", DoctorPhrase.refusalKey, Remedy?.some(.publishing)),
        ("key-wrong", .refusalWrongKey, .publishing),
        ("token-invalid", .refusalToken, .publishing), ("token-expired", .refusalExpired, .publishing),
        ("token-not-yet-valid", .refusalEarly, .publishing), ("right-missing", .refusalRight, .publishing),
        ("publishing-not-allowed", .refusalPublishing, .publishing), ("origin-not-allowed", .refusalOrigin, .origin),
        ("unknown-host", .refusalHost, nil), ("too-many-wrong-keys", .refusalGuesses, nil),
        ("draining", .refusalDraining, nil),
    ])
    func `each reason for which nothing may be published has its words`(
        _ reason: String, _ why: DoctorPhrase, _ remedy: Remedy?
    ) throws {
        let found = try findings { info in (info.isPublishing, info.publishingReason) = (false, reason) }
        let finding = try #require(found.first { $0.say == .publishingNo })
        #expect(finding.level == .note && finding.values["why"] == .phrase(why) && finding.remedy == remedy)
        #expect(RefusalReason(rawValue: reason) != nil)
    }

    @Test(arguments: [
        ("http://192.0.2.1/", DoctorPhrase.secureNo), ("http://example.org/", .secureNo),
        ("http://127.0.0.1/", .secureFine), ("http://localhost/", .secureFine), ("http://[::1]/", .secureFine),
        ("https://example.org/", .secureFine),
    ])
    func `plain http gives phones no camera, but on the machine itself`(url: String, say: DoctorPhrase) throws {
        #expect(level(say, in: try findings(url)) == (say == .secureFine ? .ok : .warn))
    }
}
