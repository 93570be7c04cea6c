// SPDX-License-Identifier: MIT

/// Judges a relay's report about a request: proxies, names, permissions.
enum SetupDiagnosis {
    static func judgeProxy(_ info: RelayInfo, _ target: DoctorTarget) -> Finding {
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

    static func judgeHost(_ info: RelayInfo, _ target: DoctorTarget) -> Finding {
        let values: [String: Finding.Value] = ["host": .text(info.host), "page": .text(target.authority)]
        return info.host(is: target)
            ? .ok(.hostFine, values) : .bad(.hostWrong, values, .hostWrongAdvice, .host)
    }

    static func judgeScheme(_ info: RelayInfo, _ target: DoctorTarget) -> Finding {
        let values: [String: Finding.Value] = ["page": .text(target.scheme), "believed": .text(info.scheme)]
        if info.scheme == target.scheme { return .ok(.schemeFine, values) }
        if info.isForwarded, !info.isTrusted { return .warn(.schemeWrong, values, .proxyUntrustedAdvice, .trust) }
        return .warn(.schemeWrong, values, .schemeWrongAdvice, .scheme)
    }

    /// - Parameter isSocketOpen: true if a WebSocket could be opened.
    static func judgeProtocol(_ info: RelayInfo, isSocketOpen: Bool) -> Finding {
        let values: [String: Finding.Value] = ["protocol": .text(info.protocol)]
        guard info.isOldProtocol else { return .ok(.protocolFine, values) }
        // The lines for WebSockets include those for HTTP/1.1; both together would send Connection twice.
        return .warn(.protocolOld, values, .protocolOldAdvice, isSocketOpen ? .protocol : .upgrade)
    }

    static func judgePublishing(_ info: RelayInfo) -> Finding {
        if info.isPublishing { return .ok(.publishingFine) }
        let reason = info.publishingReason
        guard let why = DoctorPhrase(rawValue: "refusal.\(reason)") else {
            return .note(.publishingNo, ["why": .text(reason)])
        }
        let values: [String: Finding.Value] = ["why": .phrase(why)]
        switch why {
        case .refusalDraining, .refusalGuesses, .refusalHost: return .note(.publishingNo, values)
        case .refusalOrigin: return .note(.publishingNo, values, .originAdvice, .origin)
        default: return .note(.publishingNo, values, .publishingNoAdvice, .publishing)
        }
    }
}
