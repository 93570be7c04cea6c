// SPDX-License-Identifier: MIT
import LibEvent
import WireFormat

extension Refusal {
    init(_ refusal: GateRefusal) {
        switch refusal {
        case .connectionsFull:
            self.init(
                .connectionsFull,
                "The server has as many connections as it accepts (--max-connections). Try again later.")
        case .tooManyFromAddress: self = .tooManyFromAddress
        case .badHead(let error): self.init(error)
        case .unknownExpectation(let expectation):
            self.init(
                .expectationFailed, "Expect: \(expectation.prefix(40)) is not supported; only 100-continue is.")
        case .headTooSlow: self.init(.tooSlow, "The request's head took too long (--header-timeout).")
        case .plainOnTLS: self.init(.plainOnTLS, "TLS is spoken here. The address begins with https://.")
        }
    }

    /// The refusal of a client, itself or behind a proxy, whose address has as many connections as it may.
    static let tooManyFromAddress = Refusal(
        .tooManyConnections, "Too many connections from your address (--max-connections-per-address).")

    private init(_ error: RequestHeadError) {
        switch error {
        case .headTooLarge: self.init(.headTooLarge, Self.naming("--max-header-bytes", in: error.message))
        case .tooManyFields: self.init(.headTooLarge, Self.naming("--max-header-fields", in: error.message))
        case .unsupportedVersion: self.init(.httpVersion, error.message)
        case .badLineEnd, .badRequestLine, .badTarget, .badField, .repeatedField, .badHost, .badContentLength,
            .badTransferEncoding:
            self.init(.badRequest, error.message)
        }
    }

    /// Returns the sentence with the flag that sets its limit.
    private static func naming(_ flag: String, in sentence: String) -> String {
        "\(sentence.dropLast()) (\(flag))."
    }
}
