// SPDX-License-Identifier: MIT

/// Turns measurements into findings: one for each check, in the order in which they are shown.
enum Diagnosis {
    /// Returns the findings up to the first check that is not measured yet, or that nothing can follow.
    static func findings(_ all: DoctorMeasurements) -> [Finding] {
        var findings: [Finding] = []
        for check in DoctorCheck.all(of: all) {
            guard let finding = finding(of: check, all) else { break }
            findings.append(finding)
            if isEnd(check, all) { break }
        }
        return findings
    }

    /// Returns all checks with their findings; nil for those not measured yet. Checks that cannot be made, because no
    /// relay answers, have the finding `unmeasured`.
    static func checks(_ all: DoctorMeasurements) -> [(check: DoctorCheck, finding: Finding?)] {
        let isCut = all.reach.map { $0.info == nil } ?? false
        return DoctorCheck.all(of: all).map { check in
            (check, isCut && check.needsRelay ? .note(.unmeasured) : finding(of: check, all))
        }
    }

    /// Returns true if the finding of this check says why nothing else can be measured.
    private static func isEnd(_ check: DoctorCheck, _ all: DoctorMeasurements) -> Bool {
        switch check {
        case .connection:
            if case .made = all.connection { return false }
            return true
        case .certificate:
            if case .failed = all.tls { return true }
            return false
        case .reach: return all.reach?.info == nil
        default: return false
        }
    }

    private static func finding(of check: DoctorCheck, _ all: DoctorMeasurements) -> Finding? {
        switch check {
        case .connection: all.connection.map { WayDiagnosis.judge($0, all.target) }
        case .certificate: all.tls.map { WayDiagnosis.judge($0, all.target) }
        case .reach: all.reach.map { WayDiagnosis.judge($0, all.target) }
        case .secure: secure(all)
        case .camera: all.device.map(DeviceDiagnosis.judgeCamera)
        case .browser: all.browser.map(DeviceDiagnosis.judgeBrowser)
        case .head: all.small.map(WayDiagnosis.judgeHead)
        case .small: all.small.map { WayDiagnosis.judgeParts($0, bytes: DoctorPlan.smallPartBytes) }
        case .large: all.large.map { WayDiagnosis.judgeParts($0, bytes: DoctorPlan.largePartBytes) }
        case .clock: all.reach.map { WayDiagnosis.judgeClock($0.trips) }
        case .socket, .upload, .body, .proxy, .host, .scheme, .protocol, .publishing:
            all.reach?.info.flatMap { finding(of: check, all, $0) }
        }
    }

    /// Judges what takes the relay's report.
    private static func finding(of check: DoctorCheck, _ all: DoctorMeasurements, _ info: RelayInfo) -> Finding? {
        switch check {
        case .socket: all.socket.map { WayDiagnosis.judgeSocket($0, info, all.target) }
        case .upload: uploads(all, info)
        case .body:
            if let body = all.body, let uploads = uploads(all, info) {
                WayDiagnosis.judgeBody(body, all.announcement ?? .unclear, info, after: uploads)
            } else {
                nil
            }
        case .proxy: SetupDiagnosis.judgeProxy(info, all.target)
        case .host: SetupDiagnosis.judgeHost(info, all.target)
        case .scheme: SetupDiagnosis.judgeScheme(info, all.target)
        case .protocol: protocolFinding(all, info)
        case .publishing: SetupDiagnosis.judgePublishing(info)
        default: nil
        }
    }

    private static func uploads(_ all: DoctorMeasurements, _ info: RelayInfo) -> Finding? {
        guard let small = all.smallUpload, let large = all.largeUpload else { return nil }
        return WayDiagnosis.judgeUploads(small, large, info, all.target)
    }

    /// Waits for the WebSocket where the remedy depends on it.
    private static func protocolFinding(_ all: DoctorMeasurements, _ info: RelayInfo) -> Finding? {
        guard let socket = all.socket else {
            return info.isOldProtocol ? nil : SetupDiagnosis.judgeProtocol(info, isSocketOpen: false)
        }
        return SetupDiagnosis.judgeProtocol(info, isSocketOpen: socket != nil)
    }

    /// Judges what the browser says of its page; a terminal judges by the address.
    private static func secure(_ all: DoctorMeasurements) -> Finding? {
        switch all.asker {
        case .terminal: DeviceDiagnosis.judgeSecure(all.target.isSecure || all.target.isLoopback)
        case .page: all.device.map { DeviceDiagnosis.judgeSecure($0.isSecure) }
        }
    }
}
