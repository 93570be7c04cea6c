// SPDX-License-Identifier: MIT
import WireFormat

/// Which announced bodies can be read, and by whom.
enum BodyFraming {
    struct Refusal: Equatable {
        let status: Int
        let reason: String
        let message: String
    }

    /// Why `head` cannot be read on behind its end, or nil.
    static func refusal(of head: RequestHead) -> Refusal? {
        guard let expectation = head.expectation, !head.expectsContinue else { return nil }
        return Refusal(
            status: 417, reason: "expectation-failed",
            message: "Expect: \(expectation.prefix(40)) is not supported; only 100-continue is.")
    }

    /// Why `head` must not reach evhttp, or nil.
    ///
    /// evhttp takes malformed chunk sizes, treats a request without a length as one without a body (its bytes become
    /// the next request), and reads bodies 4 KiB at a time; so it gets none.
    static func refusalByEvhttp(of head: RequestHead) -> Refusal? {
        guard head.hasBody else { return nil }
        return Refusal(status: 400, reason: "bad-request", message: "This request must not carry a body.")
    }
}
