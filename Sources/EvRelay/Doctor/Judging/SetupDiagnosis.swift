// SPDX-License-Identifier: MIT

/// Turns a relay's report about a request into findings: proxies, names, permissions.
enum SetupDiagnosis {
    /// - Parameter isSocketOpen: true if a WebSocket could be opened.
    static func findings(_ info: RelayInfo, _ target: DoctorTarget, isSocketOpen: Bool) -> [Finding] {
        [
            judgeProxy(info, target), judgeHost(info, target), judgeScheme(info, target),
            judgeProtocol(info, isSocketOpen: isSocketOpen),
            judgePublishing(info), judgeSecure(target),
        ]
    }

    private static func judgeProxy(_ info: RelayInfo, _ target: DoctorTarget) -> Finding {
        let values: [String: Finding.Value] = ["peer": .text(info.peer), "client": .text(info.client)]
        if info.isForwarded {
            guard info.isTrusted else { return .warn(.proxyUntrusted, values, .proxyUntrustedAdvice, .trust) }
            // The proxy reveals itself (Via, X-Real-IP), but does not name the client.
            return info.isNamed
                ? .ok(.proxyTrusted, values) : .warn(.proxySilent, values, .proxySilentAdvice, .forwarded)
        }
        // A relay under a public name whose requests come from its own machine is behind a proxy that names no client.
        if DoctorTarget.isLoopback(info.peer) || info.isTrusted, !target.isLoopback {
            return info.publishingBy == "this-machine"
                ? .bad(.proxyOpen, values, .proxyOpenAdvice, .forwarded)
                : .warn(.proxySilent, values, .proxySilentAdvice, .forwarded)
        }
        return .ok(.proxyNone, values)
    }

    private static func judgeHost(_ info: RelayInfo, _ target: DoctorTarget) -> Finding {
        let values: [String: Finding.Value] = ["host": .text(info.host), "page": .text(target.authority)]
        return info.host.lowercased() == target.authority.lowercased()
            ? .ok(.hostFine, values) : .bad(.hostWrong, values, .hostWrongAdvice, .host)
    }

    private static func judgeScheme(_ info: RelayInfo, _ target: DoctorTarget) -> Finding {
        let values: [String: Finding.Value] = ["page": .text(target.scheme), "believed": .text(info.scheme)]
        if info.scheme == target.scheme { return .ok(.schemeFine, values) }
        if info.isForwarded, !info.isTrusted { return .warn(.schemeWrong, values, .proxyUntrustedAdvice, .trust) }
        return .warn(.schemeWrong, values, .schemeWrongAdvice, .scheme)
    }

    private static func judgeProtocol(_ info: RelayInfo, isSocketOpen: Bool) -> Finding {
        let values: [String: Finding.Value] = ["protocol": .text(info.protocol)]
        guard info.protocol == "HTTP/1.0" else { return .ok(.protocolFine, values) }
        // The lines for WebSockets include those for HTTP/1.1; both together would send Connection twice.
        return .warn(.protocolOld, values, .protocolOldAdvice, isSocketOpen ? .protocol : .upgrade)
    }

    private static func judgePublishing(_ info: RelayInfo) -> Finding {
        if info.isPublishing { return .ok(.publishingFine) }
        switch info.publishingReason {
        case "publishing-not-allowed", "key-required":
            let why = info.publishingReason == "key-required" ? DoctorPhrase.refusalKey : .refusalPublishing
            return Finding(
                level: .note, say: .publishingNo, values: ["why": .phrase(why)], advice: .publishingNoAdvice,
                remedy: .publishing)
        case "draining": return Finding(level: .note, say: .publishingNo, values: ["why": .phrase(.refusalDraining)])
        case let other: return Finding(level: .note, say: .publishingNo, values: ["why": .text(other)])
        }
    }

    private static func judgeSecure(_ target: DoctorTarget) -> Finding {
        target.isSecure || target.isLoopback ? .ok(.secureFine) : .warn(.secureNo, [:], .secureNoAdvice, .certificate)
    }
}
