// SPDX-License-Identifier: MIT

/// A refusal of access: the answer, and the delay before it is sent.
struct AccessRefusal: Error, Equatable, Sendable {
    let refusal: Refusal
    /// The time for which the answer is held back, to slow down guessing.
    var delay = Duration.zero

    init(_ refusal: Refusal, delay: Duration = .zero) {
        self.refusal = refusal
        self.delay = delay
    }
}
