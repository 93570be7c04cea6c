// SPDX-License-Identifier: MIT
import WireFormat

/// Announced bodies that cannot be read.
enum BodyFraming {
    struct Refusal: Equatable {
        let status: Int
        let reason: String
        let message: String
    }

    /// Why `head` cannot be read on after its end, or nil.
    static func refusal(of head: RequestHead) -> Refusal? {
        guard let expectation = head.expectation, !head.expectsContinue else { return nil }
        return Refusal(
            status: 417, reason: "expectation-failed",
            message: "Expect: \(expectation.prefix(40)) is not supported; only 100-continue is.")
    }
}
