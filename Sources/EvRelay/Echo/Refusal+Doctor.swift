// SPDX-License-Identifier: MIT
import WireFormat

// Refusals of requests that measure the way between a client and the relay.
extension Refusal {
    static let doctorsFull = Refusal(
        .doctorsFull,
        "As many connections are being measured as may be at a time (--max-doctors). Try again in a moment.")

    static func doctorType(_ accepted: String) -> Refusal { Refusal(.unsupportedType, "Send \(accepted).") }

    static let doctorWithoutLength = Refusal(.lengthRequired, "The body needs Content-Length.")

    static func doctorTooLarge(_ byteCount: Int, limit: Int) -> Refusal {
        Refusal(.bodyTooLarge, "The body has \(byteCount) bytes; at most \(limit) are accepted.")
    }

    init(_ error: MeasurementsError) {
        self.init(.badRequest, "\(error.member) cannot be used; accepted: \(error.accepted).")
    }

    init(_ error: WebSocketHandshakeError) {
        let reason: RefusalReason =
            switch error {
            case .notGet: .methodNotAllowed
            case .noUpgrade: .upgradeRequired
            case .badVersion: .webSocketVersion
            case .badKey, .hasBody: .badRequest
            }
        self.init(reason, error.message)
    }
}
