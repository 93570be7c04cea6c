// SPDX-License-Identifier: MIT
import WireFormat

/// The check that an announced request body can be read.
enum BodyFraming {
    struct Refusal: Equatable {
        let status: Int
        let reason: String
        let message: String
    }

    /// Returns the refusal of a request whose body cannot be read, as it expects something other than 100-continue;
    /// else nil.
    static func refusal(of head: RequestHead) -> Refusal? {
        guard let expectation = head.expectation, !head.expectsContinue else { return nil }
        return Refusal(
            status: 417, reason: "expectation-failed",
            message: "Expect: \(expectation.prefix(40)) is not supported; only 100-continue is.")
    }
}
