// SPDX-License-Identifier: MIT
import Crypto
import Testing

@testable import EvRelay

/// What a page measures is judged like what a terminal measures, in the same words.
@Suite struct PageDiagnosisTests {
    private func finding(
        _ check: DoctorCheck, _ url: String = "https://cam.example.org/",
        _ spoil: (inout DoctorMeasurements) -> Void = { _ in }
    ) throws -> Finding? {
        var all = try goodPageMeasurements(url)
        spoil(&all)
        return try #require(Diagnosis.checks(all).first { $0.check == check }).finding
    }

    @Test func `a good way to the relay is fine in every check of the page`() throws {
        let checks = Diagnosis.checks(try goodPageMeasurements())
        #expect(
            checks.map(\.check) == [
                .reach, .head, .small, .large, .socket, .upload, .body, .clock, .proxy, .host, .scheme, .protocol,
                .publishing, .secure, .camera, .browser,
            ])
        #expect(checks.allSatisfy { $0.finding?.level == .ok && $0.finding?.advice == nil })
        #expect(checks.allSatisfy { $0.check.title != nil })
    }

    @Test func `both askers get the same findings in what both can measure`() throws {
        for all in try SpoiltMeasurements.all() where all.asker == .page && all.reach?.info != nil {
            var terminal = all
            terminal.asker = .terminal
            terminal.connection = .made(address: "192.0.2.7", took: .zero)
            terminal.tls = .agreed(TLSCertificate(expires: 60 * 86_400, problem: nil), now: 0)
            let page = Diagnosis.checks(all).filter { $0.check.needsRelay || $0.check == .reach }.compactMap(\.finding)
            #expect(Diagnosis.findings(terminal).dropFirst(2).dropLast() == page[...])
        }
    }

    @Test func `each check is told as soon as what it needs is measured`() throws {
        func told(_ spoil: (inout DoctorMeasurements) -> Void) throws -> Set<DoctorCheck> {
            var all = try goodPageMeasurements()
            (all.small, all.large, all.socket) = (nil, nil, nil)
            (all.smallUpload, all.largeUpload, all.body) = (nil, nil, nil)
            spoil(&all)
            return Set(Diagnosis.checks(all).filter { $0.finding != nil }.map(\.check))
        }
        let device: Set<DoctorCheck> = [.secure, .camera, .browser]
        #expect(try told { $0.reach = nil } == device)
        let reached = device.union([.reach, .clock, .proxy, .host, .scheme, .protocol, .publishing])
        #expect(try told { _ in } == reached)
        // The remedy of an old protocol depends on the WebSocket.
        #expect(try told { $0.reach?.info?.protocol = "HTTP/1.0" } == reached.subtracting([.protocol]))
        #expect(try told { ($0.device, $0.browser) = (nil, nil) } == reached.subtracting(device))
        #expect(try told { $0.smallUpload = echo(1024) } == reached)
        #expect(
            try told { ($0.smallUpload, $0.largeUpload) = (echo(1024), echo(65_536)) } == reached.union([.upload]))
        #expect(try told { $0.body = echo(262_144) } == reached)
    }

    @Test(arguments: [0, 200, 502])
    func `without the relay only what the device knows is told, and one thing is to change`(status: Int) throws {
        var all = try goodPageMeasurements()
        all.reach = .init(status: status)
        let findings = Diagnosis.checks(all).compactMap(\.finding)
        #expect(findings.map(\.level) == [.bad] + Array(repeating: .note, count: 12) + [.ok, .ok, .ok])
        #expect(findings.first?.say == (status == 0 ? .reachLost : .reachForeign))
        #expect(findings[1...12].allSatisfy { $0.say == .unmeasured })
        #expect(Finding.changes(findings) == 1)
    }

    @Test func `HTTPS is judged by the browser, not by the address`() throws {
        #expect(try finding(.secure, "http://cam.example.org/")?.say == .secureFine)
        let plain = try finding(.secure) { $0.device?.isSecure = false }
        #expect(plain?.say == .secureNo && plain?.level == .warn && plain?.remedy == .https)
    }

    @Test func `a camera is told apart - insecure, absent, asked for, refused, busy, working`() throws {
        func say(_ spoil: (inout DoctorMeasurements.Device) -> Void) throws -> DoctorPhrase? {
            try finding(.camera) { all in
                if var device = all.device {
                    spoil(&device)
                    all.device = device
                }
            }?.say
        }
        #expect(try say { ($0.isSecure, $0.hasCamera) = (false, false) } == .cameraInsecure)
        #expect(try say { $0.hasCamera = false } == .cameraMissing)
        #expect(try say { $0.permission = "unknown" } == .cameraPrompt)
        #expect(try say { $0.permission = "granted" } == .cameraGranted)
        #expect(try say { $0.permission = "denied" } == .cameraDenied)
        #expect(try say { $0.trial = "NotAllowedError" } == .cameraDenied)
        #expect(try say { $0.trial = "NotFoundError" } == .cameraMissing)
        #expect(try say { ($0.trial, $0.permission) = ("NotReadableError", "granted") } == .cameraBusy)
        #expect(try say { $0.trial = "works" } == .cameraWorks)
    }

    @Test func `a browser that lacks something is named what`() throws {
        let poor = try finding(.browser) { $0.browser?.lacks = ["a", "b"] }
        #expect(poor?.level == .bad && poor?.values["what"] == .text("a, b"))
        #expect(try finding(.browser) { $0.browser?.staysAwake = false }?.level == .warn)
    }
}
